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
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/file.hpp"
#include "base/log.hpp"
#include "vnet/bpf_error.hpp"
#include "vnet/skeleton.hpp"

namespace bulkhead::vnet {
namespace {

constexpr long bpffs_magic = 0xcafe4a11;  // BPF_FS_MAGIC, linux/magic.h

Result<bpf_prog_info> info_of(int program) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (const int result = bpf_obj_get_info_by_fd(program, &info, &size); result != 0)
        return fail_bpf(result, "can't ask the kernel about a program");
    return info;
}

// The shortest classifier: drop everything.
Result<Fd> load_probe() {
    hush_libbpf();
    const std::array<bpf_insn, 2> drop{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, TC_ACT_SHOT},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    Fd program(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "bulkhead_probe", "Apache-2.0", drop.data(),
                             drop.size(), nullptr));
    if (!program) return fail_errno("the kernel refuses the simplest program");
    return program;
}

}  // namespace

struct Program::Half {
    const char* name;
    Side side;
    int loaded;            // by this process, owned by the skeleton
    Fd pinned;             // the same instructions, loaded by an earlier one
    std::uint32_t id = 0;  // of the one that is used

    int program() const { return pinned ? pinned.get() : loaded; }
};

Program::Program(std::filesystem::path pins, std::unique_ptr<Skeleton> skeleton, Means means)
    : pins_(std::move(pins)),
      skeleton_(std::move(skeleton)),
      maps_(maps_of(*skeleton_->bpf->obj)),
      attachments_(links_of(pins_), means),
      ingress_(new Half{"ingress", Side::ingress, bpf_program__fd(skeleton_->bpf->progs.switch_ingress), {}}),
      egress_(new Half{"egress", Side::egress, bpf_program__fd(skeleton_->bpf->progs.switch_egress), {}}) {
}

Program::~Program() = default;

Result<std::unique_ptr<Program>> Program::open(const std::filesystem::path& pins, Means means) {
    hush_libbpf();
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
        const std::string why = last_refusal();
        return fail_bpf(
            result, "the kernel refuses the switch's programs" + (why.empty() ? why : ", \"" + why + "\""),
            pins.string());
    }
    std::unique_ptr<Program> program(new Program(pins, std::move(skeleton), means));
    BULKHEAD_TRY(program->adopt(*program->ingress_));
    BULKHEAD_TRY(program->adopt(*program->egress_));
    if (!program->replaces_) BULKHEAD_TRY(program->keep());
    return program;
}

// The kernel's tag is a digest of the instructions without the maps' numbers: the same for the same build.
Result<> Program::adopt(Half& half) {
    BULKHEAD_TRY_ASSIGN(const bpf_prog_info ours, info_of(half.loaded));
    half.id = ours.id;
    Fd pinned(bpf_obj_get((pins_ / half.name).c_str()));
    if (!pinned && errno == ENOENT) return {};
    if (!pinned) return fail_errno("can't open a pinned program", (pins_ / half.name).string());
    BULKHEAD_TRY_ASSIGN(const bpf_prog_info theirs, info_of(pinned.get()));
    if (std::memcmp(ours.tag, theirs.tag, sizeof ours.tag) == 0) {
        half.id = theirs.id;
        half.pinned = std::move(pinned);
    } else {
        replaces_ = true;
    }
    return {};
}

Result<> Program::keep() {
    for (const Half* half : {ingress_.get(), egress_.get()}) {
        if (half->pinned) continue;
        const auto path = pins_ / half->name;
        const auto beside = path.string() + "_new";  // bpffs refuses names with dots
        BULKHEAD_TRY(remove_file(beside));
        if (bpf_obj_pin(half->loaded, beside.c_str()) != 0) return fail_errno("can't pin a program", beside);
        if (::rename(beside.c_str(), path.c_str()) != 0) return fail_errno("can't rename", beside);
    }
    replaces_ = false;
    return {};
}

Result<> Program::guard(unsigned ifindex) const {
    // What leaves is checked before anything can come in.
    for (const Half* half : {egress_.get(), ingress_.get()})
        BULKHEAD_TRY(attachments_.attach(ifindex, half->side, half->program()));
    return {};
}

Result<Held> Program::guards(unsigned ifindex) const {
    Held both = Held::alone;
    for (const Half* half : {egress_.get(), ingress_.get()}) {
        BULKHEAD_TRY_ASSIGN(const Held held, attachments_.holds(ifindex, half->side, half->id));
        both = std::min(both, held);
    }
    return both;
}

Result<> Program::release(unsigned ifindex) const {
    return attachments_.clear(ifindex);
}

int Program::map(std::string_view name) const {
    return bpf_object__find_map_fd_by_name(skeleton_->bpf->obj, std::string(name).c_str());
}

Result<> Program::sweep() const {
    std::array<std::byte, 64> frame{};  // that a run needs, and nobody reads
    bpf_test_run_opts run{.sz = sizeof run, .data_in = frame.data(), .data_size_in = frame.size()};
    const int result = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->bpf->progs.switch_sweep), &run);
    if (result != 0) return fail_bpf(result, "can't sweep the connections");
    return {};
}

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

}  // namespace bulkhead::vnet
