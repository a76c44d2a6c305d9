// Where programs stand on an interface: over tcx links where the kernel has them (6.6), else as filters of a
// clsact qdisc. A link is pinned, so it stays without us; the program behind a link or a filter is exchanged
// in one step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet {

// Where our filters stand in a clsact qdisc: first.
inline constexpr std::uint32_t filter_handle = 1;
inline constexpr std::uint32_t filter_priority = 1;

enum class Side { ingress, egress };
enum class Means { links, filters };
enum class Held { no, beside_others, alone };

// What this kernel has.
Means best_means();

class Attachments {
  public:
    // Links are pinned in `pins`, a folder on a bpffs that is made when it is needed.
    Attachments(std::filesystem::path pins, Means means) : pins_(std::move(pins)), means_(means) {}

    Means means() const { return means_; }
    // Before all other programs on the interface, and in place of ours if there is one.
    Result<> attach(unsigned ifindex, Side side, int program) const;
    // Whether the program with this id of the kernel is there, and whether others of its means are too.
    Result<Held> holds(unsigned ifindex, Side side, std::uint32_t program) const;

    // Takes off ours and everyone else's, for which it needs CAP_SYS_ADMIN; an interface that is gone is
    // fine.
    Result<> clear(unsigned ifindex) const;

  private:
    std::filesystem::path pin_of(unsigned ifindex, Side side) const;
    Result<> attach_link(unsigned ifindex, Side side, int program) const;
    Result<> detach_own(unsigned ifindex, Side side) const;

    std::filesystem::path pins_;
    Means means_;
};

// On an interface that will soon be gone, in the way of attach(): a link while the descriptor is held, a
// filter (there is no descriptor then) as long as the interface is there.
Result<Fd> lend(unsigned ifindex, Side side, int program, Means means);

// Empty if the kernel can put the qdisc on an interface, else the reason; tried on one that may be spoiled.
std::string why_no_clsact(unsigned ifindex);

}  // namespace bulkhead::vnet
