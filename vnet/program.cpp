#include "vnet/program.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/file.hpp"
#include "base/log.hpp"
#include "vnet/bpf/switch.skel.h"

namespace bulkhead::vnet {
namespace {

constexpr long bpffs_magic = 0xcafe4a11;  // BPF_FS_MAGIC, linux/magic.h

// libbpf talks on stderr by itself; what matters comes back as errno.
int discard(libbpf_print_level, const char*, va_list) {
    return 0;
}

std::unexpected<Error> fail_bpf(int result, std::string what, std::string where = {}) {
    return fail_errno(result < 0 ? -result : errno, std::move(what), std::move(where));
}

Result<bpf_prog_info> info_of(int program) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (const int result = bpf_obj_get_info_by_fd(program, &info, &size); result != 0)
        return fail_bpf(result, "can't ask the kernel about a program");
    return info;
}

bpf_tc_hook hook_of(unsigned ifindex, bpf_tc_attach_point point) {
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = point;
    return hook;
}

bpf_tc_opts filter() {
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.handle = filter_handle;
    options.priority = filter_priority;
    return options;
}

// The shortest classifier: drop everything.
Result<Fd> load_probe() {
    libbpf_set_print(discard);
    const std::array<bpf_insn, 2> drop{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, TC_ACT_SHOT},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    Fd program(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "bulkhead_probe", "Apache-2.0", drop.data(),
                             drop.size(), nullptr));
    if (!program) return fail_errno("the kernel refuses the simplest program");
    return program;
}

constexpr auto both_points = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);

Result<> make_clsact(unsigned ifindex) {
    bpf_tc_hook hook = hook_of(ifindex, both_points);
    const int result = bpf_tc_hook_create(&hook);
    if (result != 0 && result != -EEXIST)
        return fail_bpf(result, "can't put a clsact qdisc on interface " + std::to_string(ifindex));
    return {};
}

}  // namespace

struct Program::Skeleton {
    struct Destroy {
        void operator()(bulkhead_switch* skeleton) const { bulkhead_switch__destroy(skeleton); }
    };
    std::unique_ptr<bulkhead_switch, Destroy> bpf;
};

namespace {

// One of bpf/maps.h, by name; a name that is not there is a defect that the first use tells.
int map_of(const bpf_object& object, const char* name) {
    return bpf_object__find_map_fd_by_name(&object, name);
}

Maps maps_of(const bpf_object& object) {
    const auto map = [&](const char* name) { return map_of(object, name); };
    return {
        {Map<std::uint32_t, switch_source>(map("sources")),
         Map<switch_address, switch_endpoint>(map("addresses")),
         Map<switch_prefix, std::uint32_t>(map("outside")), Map<std::uint32_t, switch_target>(map("targets")),
         Map<std::uint32_t, std::uint32_t>(map("epoch")), Map<switch_flow, switch_choice>(map("policy")),
         Map<std::uint32_t, switch_rule>(map("rules")), Map<switch_pair, std::uint32_t>(map("pairs")),
         Map<switch_pair, std::uint32_t>(map("passages")),
         Map<switch_arrival_key, switch_arrival>(map("arrivals")),
         Map<std::uint32_t, switch_door>(map("doors")), Map<switch_layer2_key, switch_layer2>(map("layer2")),
         Map<std::uint32_t, switch_zone>(map("zones")), Map<std::uint32_t, switch_tenant>(map("tenants")),
         Map<std::uint32_t, switch_bucket>(map("buckets"))},
        {Map<std::uint32_t, switch_port_record>(map("port_records")),
         Map<switch_rule_record, std::uint32_t>(map("rule_records")),
         Map<std::uint32_t, std::uint32_t>(map("conduit_records"))},
        {Map<switch_connection_key, switch_connection>(map("connections")),
         Map<std::uint32_t, std::uint32_t>(map("usage")),
         Map<switch_denial_key, switch_denial>(map("denials")),
         Counters<switch_port_counters>(map("port_counters")),
         Counters<switch_conduit_counters>(map("conduit_counters"))}};
}

}  // namespace

struct Program::Side {
    const char* name;
    bpf_tc_attach_point point;
    int loaded;            // by this process, owned by the skeleton
    Fd pinned;             // the same instructions, loaded by an earlier one
    std::uint32_t id = 0;  // of the one that is used

    int program() const { return pinned ? pinned.get() : loaded; }
};

Program::Program(std::filesystem::path pins, std::unique_ptr<Skeleton> skeleton)
    : pins_(std::move(pins)),
      skeleton_(std::move(skeleton)),
      maps_(maps_of(*skeleton_->bpf->obj)),
      ingress_(
          new Side{"ingress", BPF_TC_INGRESS, bpf_program__fd(skeleton_->bpf->progs.switch_ingress), {}}),
      egress_(new Side{"egress", BPF_TC_EGRESS, bpf_program__fd(skeleton_->bpf->progs.switch_egress), {}}) {
}

Program::~Program() = default;

Result<std::unique_ptr<Program>> Program::open(const std::filesystem::path& pins) {
    libbpf_set_print(discard);
    BULKHEAD_TRY(make_folder(pins, 0700));
    auto skeleton = std::make_unique<Skeleton>();
    skeleton->bpf.reset(bulkhead_switch__open());
    if (!skeleton->bpf) return fail_errno("can't open the switch's programs");
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, skeleton->bpf->obj) {
        if (bpf_map__is_internal(map)) continue;  // constants of the programs
        const auto path = pins / bpf_map__name(map);
        if (const int result = bpf_map__set_pin_path(map, path.c_str()); result != 0)
            return fail_bpf(result, "can't pin a map", path.string());
    }
    // Takes over maps that are pinned, makes and pins the others.
    if (const int result = bulkhead_switch__load(skeleton->bpf.get()); result != 0) {
        if (result == -EINVAL)
            return fail(Code::conflict, "the pinned maps of the switch have another format", pins.string(),
                        "maps of format " + std::to_string(SWITCH_FORMAT),
                        "stop all partitions and remove the folder");
        return fail_bpf(result, "the kernel refuses the switch's programs", pins.string());
    }
    std::unique_ptr<Program> program(new Program(pins, std::move(skeleton)));
    BULKHEAD_TRY(program->adopt(*program->ingress_));
    BULKHEAD_TRY(program->adopt(*program->egress_));
    if (!program->replaces_) BULKHEAD_TRY(program->keep());
    return program;
}

// The kernel's tag is a digest of the instructions without the maps' numbers: the same for the same build.
Result<> Program::adopt(Side& side) {
    BULKHEAD_TRY_ASSIGN(const bpf_prog_info ours, info_of(side.loaded));
    side.id = ours.id;
    Fd pinned(bpf_obj_get((pins_ / side.name).c_str()));
    if (!pinned && errno == ENOENT) return {};
    if (!pinned) return fail_errno("can't open a pinned program", (pins_ / side.name).string());
    BULKHEAD_TRY_ASSIGN(const bpf_prog_info theirs, info_of(pinned.get()));
    if (std::memcmp(ours.tag, theirs.tag, sizeof ours.tag) == 0) {
        side.id = theirs.id;
        side.pinned = std::move(pinned);
    } else {
        replaces_ = true;
    }
    return {};
}

Result<> Program::keep() {
    for (const Side* side : {ingress_.get(), egress_.get()}) {
        if (side->pinned) continue;
        const auto path = pins_ / side->name;
        const auto beside = path.string() + "_new";  // bpffs refuses names with dots
        BULKHEAD_TRY(remove_file(beside));
        if (bpf_obj_pin(side->loaded, beside.c_str()) != 0) return fail_errno("can't pin a program", beside);
        if (::rename(beside.c_str(), path.c_str()) != 0) return fail_errno("can't rename", beside);
    }
    replaces_ = false;
    return {};
}

Result<> Program::guard(unsigned ifindex) const {
    BULKHEAD_TRY(make_clsact(ifindex));
    // What leaves is checked before anything can come in.
    for (const Side* side : {egress_.get(), ingress_.get()}) {
        const bpf_tc_hook hook = hook_of(ifindex, side->point);
        bpf_tc_opts options = filter();
        options.prog_fd = side->program();
        options.flags = BPF_TC_F_REPLACE;
        if (const int result = bpf_tc_attach(&hook, &options); result != 0)
            return fail_bpf(result, std::string("can't attach the ") + side->name + " program",
                            "interface " + std::to_string(ifindex));
    }
    return {};
}

Result<bool> Program::guards(unsigned ifindex) const {
    for (const Side* side : {egress_.get(), ingress_.get()}) {
        const bpf_tc_hook hook = hook_of(ifindex, side->point);
        bpf_tc_opts options = filter();
        const int result = bpf_tc_query(&hook, &options);
        // ENOENT: no filter; EINVAL: no clsact; ENODEV: the interface went away meanwhile.
        if (result == -ENOENT || result == -EINVAL || result == -ENODEV) return false;
        if (result != 0)
            return fail_bpf(result, "can't ask for the filters of interface " + std::to_string(ifindex));
        if (options.prog_id != side->id) return false;
    }
    return true;
}

Result<> detach(unsigned ifindex) {
    bpf_tc_hook hook = hook_of(ifindex, both_points);
    const int result = bpf_tc_hook_destroy(&hook);
    if (result != 0 && result != -ENOENT && result != -EINVAL && result != -ENODEV)
        return fail_bpf(result, "can't take the programs off interface " + std::to_string(ifindex));
    return {};
}

namespace raw {

Result<> put(int map, const void* key, const void* value) {
    const int result = bpf_map_update_elem(map, key, value, BPF_ANY);
    if (result == -E2BIG || result == -ENOSPC)
        return fail(Code::refused, "the switch has no room for another entry", "the kernel's map");
    if (result != 0) return fail_bpf(result, "can't write to a map of the switch");
    return {};
}

Result<bool> find(int map, const void* key, void* value) {
    const int result = bpf_map_lookup_elem(map, key, value);
    if (result == 0) return true;
    if (result == -ENOENT) return false;
    return fail_bpf(result, "can't read a map of the switch");
}

Result<> erase(int map, const void* key) {
    const int result = bpf_map_delete_elem(map, key);
    if (result != 0 && result != -ENOENT) return fail_bpf(result, "can't delete from a map of the switch");
    return {};
}

Result<std::size_t> read_all(int map, std::size_t key_size, std::size_t value_size,
                             std::vector<std::byte>& keys, std::vector<std::byte>& values) {
    constexpr std::uint32_t batch = 4096;
    std::size_t total = 0;
    // A bucket of a hash; of other maps the last key.
    std::vector<std::byte> cursor(std::max(key_size, sizeof(std::uint32_t)));
    bool first = true;
    while (true) {
        keys.resize((total + batch) * key_size);
        values.resize((total + batch) * value_size);
        std::uint32_t count = batch;
        const int result =
            bpf_map_lookup_batch(map, first ? nullptr : cursor.data(), cursor.data(), &keys[total * key_size],
                                 &values[total * value_size], &count, nullptr);
        if (result != 0 && result != -ENOENT) return fail_bpf(result, "can't list a map of the switch");
        total += count;
        first = false;
        if (result == -ENOENT) return total;
    }
}

Result<std::vector<std::uint64_t>> sum(int map, const void* key, std::size_t cells) {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus < 0) return fail_bpf(cpus, "can't count the processors");
    std::vector<std::uint64_t> all(cells * static_cast<std::size_t>(cpus));
    if (const int result = bpf_map_lookup_elem(map, key, all.data()); result != 0)
        return fail_bpf(result, "can't read a counter of the switch");
    std::vector<std::uint64_t> total(cells);
    for (std::size_t i = 0; i < all.size(); ++i) total[i % cells] += all[i];
    return total;
}

Result<> clear(int map, const void* key, std::size_t cells) {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus < 0) return fail_bpf(cpus, "can't count the processors");
    const std::vector<std::uint64_t> zeros(cells * static_cast<std::size_t>(cpus));
    return put(map, key, zeros.data());
}

}  // namespace raw

Result<> ensure_bpffs(const std::filesystem::path& pins) {
    const std::filesystem::path usual = "/sys/fs/bpf";
    auto folder = pins;
    struct statfs status{};
    while (::statfs(folder.c_str(), &status) != 0) {
        if (errno != ENOENT || folder == folder.parent_path())
            return fail_errno("can't look for a bpffs", folder.string());
        folder = folder.parent_path();
    }
    if (status.f_type == bpffs_magic) return {};
    if (pins.parent_path() != usual)
        return fail(Code::unsupported, "the folder for the switch's pins is not on a bpffs", pins.string(),
                    "a mounted bpffs", "mount -t bpf bpf " + pins.parent_path().string());
    if (::mount("bpf", usual.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
        return fail_errno("can't mount a bpffs", usual.string());
    log::info("mounted a bpffs, there was none", {{"path", usual.string()}});
    return {};
}

std::string why_no_classifier_programs() {
    const auto program = load_probe();
    return program ? "" : program.error().text();
}

std::string why_no_jit() {
    const auto program = load_probe();
    if (!program) return program.error().text();
    const auto info = info_of(program->get());
    if (!info) return info.error().text();
    return info->jited_prog_len != 0 ? "" : "the kernel interprets programs";
}

std::string why_no_clsact(unsigned ifindex) {
    libbpf_set_print(discard);
    const auto made = make_clsact(ifindex);
    return made ? "" : made.error().text();
}

}  // namespace bulkhead::vnet
