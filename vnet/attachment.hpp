// Where programs stand on an interface: over tcx links where the kernel has them (6.6), else as filters of a
// clsact qdisc. A link is pinned, so it stays without us; the program behind a link or a filter is exchanged
// in one step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::vnet {

enum class Side { ingress, egress };

class Attachments {
  public:
    // Links are pinned in `pins`, a folder on a bpffs that is made when it is needed.
    static Attachments best(std::filesystem::path pins);
    // As on a kernel without tcx.
    static Attachments with_clsact(std::filesystem::path pins) { return {std::move(pins), false}; }

    // Before all other programs on the interface, and in place of ours if there is one.
    Result<> attach(unsigned ifindex, Side side, int program) const;
    // Whether the program with this id of the kernel is there, and nobody else's beside it.
    Result<bool> holds(unsigned ifindex, Side side, std::uint32_t program) const;

    // Takes ours off; one that is not there, or whose interface is gone, is fine.
    Result<> detach(unsigned ifindex) const;

  private:
    Attachments(std::filesystem::path pins, bool tcx) : pins_(std::move(pins)), tcx_(tcx) {}
    std::filesystem::path pin_of(unsigned ifindex, Side side) const;
    Result<> attach_link(unsigned ifindex, Side side, int program) const;

    std::filesystem::path pins_;
    bool tcx_;
};

// Empty if the kernel can put the qdisc on an interface, else the reason; tried on one that may be spoiled.
std::string why_no_clsact(unsigned ifindex);

}  // namespace bulkhead::vnet
