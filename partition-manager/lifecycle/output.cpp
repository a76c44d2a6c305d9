#include "partition-manager/lifecycle/output.hpp"

#include <algorithm>
#include <utility>

namespace bulkhead::lifecycle {

void OutputLog::add(LoggedLine line) {
    // Each one's successor is looked up anew, and each is called as a copy: it may end itself meanwhile.
    for (auto next = followers_.begin(); next != followers_.end();) {
        const FollowerId id = next->first;
        const Follower follower = next->second;
        follower(line);
        next = followers_.upper_bound(id);
    }
    lines_.push_back(std::move(line));
    if (lines_.size() > kept_lines) lines_.pop_front();
}

std::vector<LoggedLine> OutputLog::last(std::size_t count) const {
    const auto first = lines_.size() - std::min(count, lines_.size());
    return {lines_.begin() + static_cast<std::ptrdiff_t>(first), lines_.end()};
}

OutputLog::FollowerId OutputLog::follow(Follower follower) {
    followers_.emplace(next_, std::move(follower));
    return next_++;
}

}  // namespace bulkhead::lifecycle
