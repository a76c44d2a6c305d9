// Which uplink carries the traffic. Pure.
#pragma once

#include <optional>
#include <vector>

#include "model/router.hpp"

namespace bulkhead::vnet::router {

// One uplink, from its probes. It is healthy until as many of them in a row have failed as the spec says, and
// again after as many successes.
class Health {
  public:
    explicit Health(unsigned needed) : needed_(needed) {}
    // Whether it changed.
    bool note(bool answered);
    bool healthy() const { return healthy_; }

  private:
    unsigned needed_;
    unsigned against_ = 0;  // probes in a row that speak against what it is
    bool healthy_ = true;
};

// The first that is healthy, in the order of the router's uplinks, which is that of their priorities. If none
// is, the one that was used: what all probes say says nothing about one of them.
std::optional<std::size_t> choose(const std::vector<bool>& healthy, std::optional<std::size_t> used);

}  // namespace bulkhead::vnet::router
