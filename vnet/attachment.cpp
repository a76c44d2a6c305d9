#include "vnet/attachment.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include "base/file.hpp"
#include "vnet/bpf_error.hpp"

namespace bulkhead::vnet {
namespace {

constexpr auto both_points = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);

std::string place(unsigned ifindex) {
    return "interface " + std::to_string(ifindex);
}

bpf_tc_hook hook_of(unsigned ifindex, bpf_tc_attach_point point) {
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = point;
    return hook;
}

bpf_tc_attach_point point_of(Side side) {
    return side == Side::ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

bpf_tc_opts filter() {
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.handle = filter_handle;
    options.priority = filter_priority;
    return options;
}

// linux/bpf.h of Linux 6.6; Debian 12's has neither the numbers nor the fields.
constexpr std::uint32_t tcx_ingress = 46;
constexpr std::uint32_t tcx_egress = 47;
constexpr std::uint32_t before_others = 1U << 3;  // BPF_F_BEFORE

struct CreateLink {
    std::uint32_t program;
    std::uint32_t ifindex;
    std::uint32_t type;
    std::uint32_t flags;
    std::uint32_t relative;
    std::uint32_t zero;
    std::uint64_t revision;
};

struct QueryPrograms {
    std::uint32_t ifindex;
    std::uint32_t type;
    std::uint32_t flags;
    std::uint32_t attach_flags;
    std::uint64_t programs;
    std::uint32_t count;
    std::uint32_t zero;
    std::uint64_t program_flags;
    std::uint64_t links;
    std::uint64_t link_flags;
    std::uint64_t revision;
};

struct LinkInfo {
    std::uint32_t type;
    std::uint32_t id;
    std::uint32_t program;
    std::uint32_t zero;
    std::uint32_t ifindex;  // 0: its interface is gone
    std::uint32_t attach_type;
    std::array<std::uint8_t, 64> rest;
};

std::uint32_t type_of(Side side) {
    return side == Side::ingress ? tcx_ingress : tcx_egress;
}

template <class Attributes>
int call_bpf(bpf_cmd command, Attributes& attributes) {
    return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

struct Standing {
    std::vector<std::uint32_t> programs;  // ids, first first
    std::vector<std::uint32_t> links;
};

// Nothing: the kernel has no tcx.
Result<std::optional<Standing>> query(unsigned ifindex, Side side) {
    constexpr std::uint32_t most = 64;  // as the kernel allows (BPF_MPROG_MAX)
    Standing standing{std::vector<std::uint32_t>(most), std::vector<std::uint32_t>(most)};
    QueryPrograms attributes{};
    attributes.ifindex = ifindex;
    attributes.type = type_of(side);
    attributes.programs = reinterpret_cast<std::uintptr_t>(standing.programs.data());
    attributes.links = reinterpret_cast<std::uintptr_t>(standing.links.data());
    attributes.count = most;
    if (call_bpf(BPF_PROG_QUERY, attributes) != 0) {
        if (errno == EINVAL) return std::nullopt;
        if (errno == ENODEV || errno == ENOENT) return Standing{};
        return fail_errno("can't ask for the programs of an interface", place(ifindex));
    }
    standing.programs.resize(attributes.count);
    standing.links.resize(attributes.count);
    return standing;
}

// A program may stand there by itself or by a link; one that went meanwhile is fine.
Result<> take_off(unsigned ifindex, Side side, const Standing& standing) {
    for (std::size_t i = 0; i < standing.programs.size(); ++i) {
        const bool by_link = standing.links[i] != 0;
        const Fd held(by_link ? bpf_link_get_fd_by_id(standing.links[i])
                              : bpf_prog_get_fd_by_id(standing.programs[i]));
        if (!held && errno == ENOENT) continue;
        if (!held) return fail_errno("can't open someone else's program on an interface", place(ifindex));
        const int result = by_link ? bpf_link_detach(held.get())
                                   : bpf_prog_detach2(held.get(), static_cast<int>(ifindex),
                                                      static_cast<bpf_attach_type>(type_of(side)));
        if (result != 0 && errno != ENOENT && errno != ENODEV)
            return fail_errno("can't take a program off", place(ifindex));
    }
    return {};
}

bool is_alive(int link, unsigned ifindex, Side side) {
    LinkInfo info{};
    std::uint32_t size = sizeof info;
    return bpf_obj_get_info_by_fd(link, &info, &size) == 0 && info.ifindex == ifindex &&
           info.attach_type == type_of(side);
}

Result<> make_clsact(unsigned ifindex) {
    bpf_tc_hook hook = hook_of(ifindex, both_points);
    const int result = bpf_tc_hook_create(&hook);
    if (result != 0 && result != -EEXIST)
        return fail_bpf(result, "can't put a clsact qdisc on", place(ifindex));
    return {};
}

Result<> attach_filter(unsigned ifindex, Side side, int program) {
    BULKHEAD_TRY(make_clsact(ifindex));
    const bpf_tc_hook hook = hook_of(ifindex, point_of(side));
    bpf_tc_opts options = filter();
    options.prog_fd = program;
    options.flags = BPF_TC_F_REPLACE;
    if (const int result = bpf_tc_attach(&hook, &options); result != 0)
        return fail_bpf(result, "can't attach a program", place(ifindex));
    return {};
}

Result<Fd> make_link(unsigned ifindex, Side side, int program) {
    CreateLink attributes{};
    attributes.program = static_cast<std::uint32_t>(program);
    attributes.ifindex = ifindex;
    attributes.type = type_of(side);
    attributes.flags = before_others;
    Fd link(call_bpf(BPF_LINK_CREATE, attributes));
    if (!link) return fail_errno("can't attach a program", place(ifindex));
    return link;
}

Result<Held> filter_holds(unsigned ifindex, Side side, std::uint32_t program) {
    const bpf_tc_hook hook = hook_of(ifindex, point_of(side));
    bpf_tc_opts options = filter();
    const int result = bpf_tc_query(&hook, &options);
    // ENOENT: no filter; EINVAL: no clsact; ENODEV: the interface went away meanwhile.
    if (result == -ENOENT || result == -EINVAL || result == -ENODEV) return Held::no;
    if (result != 0) return fail_bpf(result, "can't ask for the filters of an interface", place(ifindex));
    return options.prog_id == program ? Held::alone : Held::no;  // others are netlink's to list
}

}  // namespace

Means best_means() {
    const auto loopback = query(1, Side::ingress);
    return loopback && loopback->has_value() ? Means::links : Means::filters;
}

std::filesystem::path Attachments::pin_of(unsigned ifindex, Side side) const {
    return pins_ / ((side == Side::ingress ? "ingress_" : "egress_") + std::to_string(ifindex));
}

Result<> Attachments::attach(unsigned ifindex, Side side, int program) const {
    return means_ == Means::links ? attach_link(ifindex, side, program)
                                  : attach_filter(ifindex, side, program);
}

// A pin whose interface is gone is a dead one's; the number may be another's by now.
Result<> Attachments::attach_link(unsigned ifindex, Side side, int program) const {
    const auto pin = pin_of(ifindex, side);
    BULKHEAD_TRY(make_folder(pins_, 0700));
    const Fd old(bpf_obj_get(pin.c_str()));
    if (!old && errno != ENOENT) return fail_errno("can't open a pinned link", pin.string());
    if (old && is_alive(old.get(), ifindex, side)) {
        if (bpf_link_update(old.get(), program, nullptr) != 0)
            return fail_errno("can't exchange a program", place(ifindex));
        return {};
    }
    if (old) BULKHEAD_TRY(remove_file(pin));
    BULKHEAD_TRY_ASSIGN(const Fd link, make_link(ifindex, side, program));
    // Until it is pinned it is gone with this process: no frame passes then.
    if (bpf_obj_pin(link.get(), pin.c_str()) != 0) return fail_errno("can't pin a link", pin.string());
    return {};
}

Result<Held> Attachments::holds(unsigned ifindex, Side side, std::uint32_t program) const {
    BULKHEAD_TRY_ASSIGN(const auto standing, query(ifindex, side));
    const auto programs = standing ? standing->programs : std::vector<std::uint32_t>{};
    if (means_ == Means::filters) {
        BULKHEAD_TRY_ASSIGN(const Held held, filter_holds(ifindex, side, program));
        return programs.empty() ? held : std::min(held, Held::beside_others);
    }
    if (std::ranges::find(programs, program) == programs.end()) return Held::no;
    return programs.size() == 1 ? Held::alone : Held::beside_others;
}

// By its pin: to open what others put there takes CAP_SYS_ADMIN, ours does not.
Result<> Attachments::detach_own(unsigned ifindex, Side side) const {
    const auto pin = pin_of(ifindex, side);
    const Fd link(bpf_obj_get(pin.c_str()));
    if (!link && errno != ENOENT) return fail_errno("can't open a pinned link", pin.string());
    if (link && is_alive(link.get(), ifindex, side) && bpf_link_detach(link.get()) != 0)
        return fail_errno("can't take a program off", place(ifindex));
    return remove_file(pin);
}

Result<> Attachments::clear(unsigned ifindex) const {
    for (const Side side : {Side::ingress, Side::egress}) {
        BULKHEAD_TRY(detach_own(ifindex, side));
        BULKHEAD_TRY_ASSIGN(const auto standing, query(ifindex, side));
        if (standing) BULKHEAD_TRY(take_off(ifindex, side, *standing));
    }
    bpf_tc_hook hook = hook_of(ifindex, both_points);
    const int result = bpf_tc_hook_destroy(&hook);
    if (result != 0 && result != -ENOENT && result != -EINVAL && result != -ENODEV)
        return fail_bpf(result, "can't take the filters off", place(ifindex));
    return {};
}

Result<Fd> lend(unsigned ifindex, Side side, int program, Means means) {
    if (means == Means::links) return make_link(ifindex, side, program);
    BULKHEAD_TRY(attach_filter(ifindex, side, program));
    return Fd();
}

std::string why_no_clsact(unsigned ifindex) {
    const auto made = make_clsact(ifindex);
    return made ? "" : made.error().text();
}

}  // namespace bulkhead::vnet
