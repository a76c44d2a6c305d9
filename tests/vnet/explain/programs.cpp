#include "tests/vnet/explain/programs.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

#include "vnet/bpf/switch.skel.h"

extern "C" unsigned if_nametoindex(const char* name);  // net/if.h and linux/if.h don't go together

namespace bulkhead::vnet::test {
namespace {

template <class Value>
void put(const bpf_map* map, const void* key, const Value& value) {
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(map), key, &value, BPF_ANY), 0)
        << bpf_map__name(map) << ": " << std::strerror(errno);
}

template <class Key, class Value>
void put_all(const bpf_map* map, const Table<Key, Value>& table) {
    for (const auto& [key, value] : table) put(map, &key, value);
}

template <class Key, class Value>
void take_all(const bpf_map* map, const Table<Key, Value>& table) {
    const bool is_array = bpf_map__type(map) == BPF_MAP_TYPE_ARRAY;
    for (const auto& [key, value] : table) {
        if (is_array)
            put(map, &key, Value{});
        else
            bpf_map_delete_elem(bpf_map__fd(map), &key);
    }
}

template <class Key>
void empty(const bpf_map* map) {
    Key key{};
    while (bpf_map_get_next_key(bpf_map__fd(map), nullptr, &key) == 0)
        ASSERT_EQ(bpf_map_delete_elem(bpf_map__fd(map), &key), 0) << std::strerror(errno);
}

}  // namespace

Interfaces::Interfaces(unsigned count) {
    EXPECT_EQ(::unshare(CLONE_NEWNET), 0) << std::strerror(errno);
    for (unsigned i = 0; i < count; ++i) {
        Fd tap(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
        ifreq request{};
        const std::string name = "fuzz" + std::to_string(i);
        name.copy(request.ifr_name, IFNAMSIZ - 1);
        request.ifr_flags = IFF_TAP | IFF_NO_PI;
        EXPECT_EQ(::ioctl(tap.get(), TUNSETIFF, &request), 0) << std::strerror(errno);
        numbers_.push_back(if_nametoindex(name.c_str()));
        taps_.push_back(std::move(tap));
    }
}

struct Programs::Loaded {
    std::unique_ptr<bulkhead_switch, void (*)(bulkhead_switch*)> skeleton{bulkhead_switch__open(),
                                                                          bulkhead_switch__destroy};
};

Programs::Programs() : loaded_(std::make_unique<Loaded>()) {
    auto* skeleton = loaded_->skeleton.get();
    if (skeleton == nullptr) {
        ADD_FAILURE() << "can't open the programs";
        return;
    }
    skeleton->rodata->explaining = true;
    EXPECT_EQ(bulkhead_switch__load(skeleton), 0) << std::strerror(errno);
}

Programs::~Programs() = default;

void Programs::forget() {
    const auto& maps = loaded_->skeleton->maps;
    empty<switch_connection_key>(maps.connections);
    empty<switch_local_key>(maps.locals);
    for (std::uint32_t tenant = 0; tenant < 8; ++tenant) put(maps.usage, &tenant, std::uint32_t{0});
    const std::uint32_t zero = 0;
    put(maps.swept, &zero, std::uint64_t{0});
}

void Programs::hold(const Ir& ir, const Table<std::uint32_t, switch_bucket>& buckets) {
    const auto& maps = loaded_->skeleton->maps;
    forget();
    const auto each = [&](auto act) {
        act(maps.sources, &Ir::sources);
        act(maps.addresses, &Ir::addresses);
        act(maps.outside, &Ir::outside);
        act(maps.targets, &Ir::targets);
        act(maps.policy, &Ir::policy);
        act(maps.rules, &Ir::rules);
        act(maps.pairs, &Ir::pairs);
        act(maps.passages, &Ir::passages);
        act(maps.arrivals, &Ir::arrivals);
        act(maps.doors, &Ir::doors);
        act(maps.layer2, &Ir::layer2);
        act(maps.zones, &Ir::zones);
        act(maps.tenants, &Ir::tenants);
    };
    each([&](const bpf_map* map, auto table) { take_all(map, held_.*table); });
    each([&](const bpf_map* map, auto table) { put_all(map, ir.*table); });
    take_all(maps.buckets, buckets_);
    put_all(maps.buckets, buckets);
    const std::uint32_t zero = 0;
    put(maps.epoch, &zero, ir.epoch);
    held_ = ir;
    buckets_ = buckets;
}

bool Programs::can_run(const explain::Arrival& arrival) {
    const explain::Octets frame(arrival.frame);
    const std::uint16_t type = frame.u16(12);
    return frame.has(type == explain::ethertype_ipv4 ? 34 : type == explain::ethertype_ipv6 ? 54 : 15);
}

switch_explained Programs::run(const explain::Arrival& arrival) {
    const auto& maps = loaded_->skeleton->maps;
    const std::uint32_t zero = 0;
    switch_explained explained{.verdict = 0xffffffff};
    put(maps.explained, &zero, explained);
    std::vector<std::uint8_t> frame(arrival.frame.begin(), arrival.frame.end());
    __sk_buff context{};
    context.ifindex = arrival.ifindex;
    context.gso_size = arrival.gso_size;
    bpf_test_run_opts options{
        .sz = sizeof options, .data_in = frame.data(), .ctx_in = &context, .ctx_size_in = sizeof context};
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    const int program = bpf_program__fd(loaded_->skeleton->progs.switch_ingress);
    EXPECT_EQ(bpf_prog_test_run_opts(program, &options), 0) << std::strerror(errno);
    EXPECT_EQ(bpf_map_lookup_elem(bpf_map__fd(maps.explained), &zero, &explained), 0);
    const bool goes_on = options.retval == TC_ACT_REDIRECT;
    EXPECT_TRUE(goes_on || options.retval == TC_ACT_SHOT) << options.retval;
    EXPECT_FALSE(goes_on && explained.verdict >= 1 && explained.verdict < 0x100)
        << "redirected, and called refused";
    return explained;
}

}  // namespace bulkhead::vnet::test
