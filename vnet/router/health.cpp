#include "vnet/router/health.hpp"

#include <algorithm>

namespace bulkhead::vnet::router {

bool Health::note(bool answered) {
    against_ = answered == healthy_ ? 0 : against_ + 1;
    if (against_ < needed_) return false;
    healthy_ = answered;
    against_ = 0;
    return true;
}

std::optional<std::size_t> choose(const std::vector<bool>& healthy, std::optional<std::size_t> used) {
    if (const auto first = std::ranges::find(healthy, true); first != healthy.end())
        return static_cast<std::size_t>(first - healthy.begin());
    if (used && *used < healthy.size()) return used;
    return healthy.empty() ? std::nullopt : std::optional<std::size_t>(0);
}

}  // namespace bulkhead::vnet::router
