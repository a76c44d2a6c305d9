// The last lines that a partition's application printed, and whoever follows them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::lifecycle {

struct LoggedLine {
    UtcTime time{};
    std::string text;
};

// Belongs to the loop's thread.
class OutputLog {
  public:
    using Follower = std::function<void(const LoggedLine&)>;
    using FollowerId = std::uint64_t;
    static constexpr std::size_t kept_lines = 200;

    void add(LoggedLine line);
    // The newest `count` lines, oldest first.
    std::vector<LoggedLine> last(std::size_t count) const;
    // A follower may unfollow from within its call.
    FollowerId follow(Follower follower);
    void unfollow(FollowerId id) { followers_.erase(id); }

  private:
    std::deque<LoggedLine> lines_;
    std::map<FollowerId, Follower> followers_;
    FollowerId next_ = 1;
};

}  // namespace bulkhead::lifecycle
