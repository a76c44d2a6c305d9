#include "benchmarks/vnet/injector.hpp"

#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace bulkhead::bench {
namespace {

// As many as a network card hands over in one poll (NAPI_POLL_WEIGHT).
constexpr unsigned batch = 64;

template <class T>
std::uint64_t address_of(const T& value) {
    return reinterpret_cast<std::uintptr_t>(&value);
}

int call_bpf(int command, bpf_attr& attributes) {
    return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

// The kernel patches its dispatcher of XDP programs on all cores when one comes that is nowhere in use, and
// again when it goes: a millisecond of each send(). Loopback, which nobody uses, keeps it in.
Result<Fd> make_resident(const Fd& program) {
    bpf_attr attributes{};
    attributes.link_create.prog_fd = static_cast<std::uint32_t>(program.get());
    attributes.link_create.target_ifindex = ::if_nametoindex("lo");
    attributes.link_create.attach_type = BPF_XDP;
    Fd link(call_bpf(BPF_LINK_CREATE, attributes));
    if (!link) return fail_errno("can't keep the injector's program on loopback");
    return link;
}

}  // namespace

Result<Injector> Injector::open(const std::string& interface) {
    const unsigned ifindex = ::if_nametoindex(interface.c_str());
    if (ifindex == 0) return fail_errno("no such interface", interface);
    // return XDP_PASS: take the frame as received.
    const std::array<bpf_insn, 2> pass{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    const std::array<char, 11> licence{"Apache-2.0"};
    bpf_attr attributes{};
    attributes.prog_type = BPF_PROG_TYPE_XDP;
    attributes.insns = address_of(pass);
    attributes.insn_cnt = pass.size();
    attributes.license = address_of(licence);
    Fd program(call_bpf(BPF_PROG_LOAD, attributes));
    if (!program) return fail_errno("the kernel refuses the injector's program");
    BULKHEAD_TRY_ASSIGN(Fd resident, make_resident(program));
    return Injector(std::move(program), std::move(resident), ifindex);
}

Result<> Injector::send(const std::vector<std::uint8_t>& frame, unsigned count) const {
    xdp_md context{};
    context.data_end = static_cast<std::uint32_t>(frame.size());
    context.ingress_ifindex = ifindex_;
    bpf_attr attributes{};
    attributes.test.prog_fd = static_cast<std::uint32_t>(program_.get());
    attributes.test.data_in = reinterpret_cast<std::uintptr_t>(frame.data());
    attributes.test.data_size_in = static_cast<std::uint32_t>(frame.size());
    attributes.test.ctx_in = address_of(context);
    attributes.test.ctx_size_in = sizeof context;
    attributes.test.repeat = count;
    attributes.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    attributes.test.batch_size = batch;
    if (call_bpf(BPF_PROG_TEST_RUN, attributes) != 0) return fail_errno("can't inject frames");
    return {};
}

}  // namespace bulkhead::bench
