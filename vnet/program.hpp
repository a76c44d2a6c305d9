// The switch's BPF programs and maps in the kernel: loaded, pinned, adopted, and put on interfaces.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "vnet/bpf/layout.h"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {

// Where our filters stand on an interface: first.
inline constexpr unsigned filter_handle = 1;
inline constexpr unsigned filter_priority = 1;

class Program {
  public:
    // Adopts what is pinned below `pins`, and makes and pins what is not. `pins` must be on a bpffs.
    // When the pinned programs are not those of this build, `replaces()` is true: put the new ones on every
    // port with guard(), then keep() them.
    static Result<std::unique_ptr<Program>> open(const std::filesystem::path& pins);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    bool replaces() const { return replaces_; }
    Result<> keep();

    // Puts both programs on the interface. One that has others of ours gets these in one step: every frame is
    // judged by one or the other.
    Result<> guard(unsigned ifindex) const;
    // Whether both of this Program's programs are on the interface.
    Result<bool> guards(unsigned ifindex) const;

    // Valid as long as this lives.
    const Maps& maps() const { return maps_; }

  private:
    struct Skeleton;
    struct Side;  // ingress or egress
    Program(std::filesystem::path pins, std::unique_ptr<Skeleton> skeleton);
    Result<> adopt(Side& side);

    std::filesystem::path pins_;
    std::unique_ptr<Skeleton> skeleton_;
    const Maps maps_;
    std::unique_ptr<Side> ingress_;
    std::unique_ptr<Side> egress_;
    bool replaces_ = false;
};

// Takes the qdisc off the interface, and all programs with it.
Result<> detach(unsigned ifindex);

// Mounts a bpffs on /sys/fs/bpf if `pins` would be there and none is mounted; one anywhere else is the
// caller's affair, and its absence an error.
Result<> ensure_bpffs(const std::filesystem::path& pins);

// Each is empty if the kernel can, else the reason.
// Take programs for clsact:
std::string why_no_classifier_programs();
// Compile them. Interpreting would do, but far too slowly.
std::string why_no_jit();
// Put the qdisc on an interface; tried on one that may be spoiled.
std::string why_no_clsact(unsigned ifindex);

}  // namespace bulkhead::vnet
