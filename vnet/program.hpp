// The switch's BPF programs and maps in the kernel: loaded, pinned, adopted, and put on interfaces.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "vnet/attachment.hpp"
#include "vnet/bpf/layout.h"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {

struct Skeleton;

class Program {
  public:
    // Adopts what is pinned below `pins`, and makes and pins what is not. `pins` must be on a bpffs.
    // When the pinned programs are not those of this build, `replaces()` is true: put the new ones on every
    // port with guard(), then keep() them.
    static Result<std::unique_ptr<Program>> open(const std::filesystem::path& pins);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    // Where its links are pinned.
    static std::filesystem::path links_of(const std::filesystem::path& pins) { return pins / "links"; }

    bool replaces() const { return replaces_; }
    Result<> keep();

    // Puts both programs on the interface. One that has others of ours gets these in one step: every frame is
    // judged by one or the other.
    Result<> guard(unsigned ifindex) const;
    // Whether both of this Program's programs are on the interface, and nobody else's beside them.
    Result<bool> guards(unsigned ifindex) const;
    // Takes them off; an interface that is gone is fine.
    Result<> release(unsigned ifindex) const;
    // Takes away the connections that are over or revoked. Frames don't wait for it: to them those are gone.
    Result<> sweep() const;

    // The descriptor of a map of bpf/maps.h.
    int map(std::string_view name) const;
    // Valid as long as this lives.
    const Maps& maps() const { return maps_; }

  private:
    struct Half;  // ingress or egress
    Program(std::filesystem::path pins, std::unique_ptr<Skeleton> skeleton);
    Result<> adopt(Half& half);

    std::filesystem::path pins_;
    std::unique_ptr<Skeleton> skeleton_;
    const Maps maps_;
    const Attachments attachments_;
    std::unique_ptr<Half> ingress_;
    std::unique_ptr<Half> egress_;
    bool replaces_ = false;
};

// Mounts a bpffs on /sys/fs/bpf if `pins` would be there and none is mounted; one anywhere else is the
// caller's affair, and its absence an error.
Result<> ensure_bpffs(const std::filesystem::path& pins);

// Each is empty if the kernel can, else the reason.
// Take programs for clsact:
std::string why_no_classifier_programs();
// Compile them. Interpreting would do, but far too slowly.
std::string why_no_jit();

}  // namespace bulkhead::vnet
