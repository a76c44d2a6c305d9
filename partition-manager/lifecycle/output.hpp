// The last lines of one partition's application. May be used from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::lifecycle {

struct LoggedLine {
    std::uint64_t number = 0;  // counts from 1 since the daemon started
    UtcTime time;
    std::string text;
};

class Output {
  public:
    static constexpr std::size_t kept_lines = 200;

    void append(UtcTime time, std::string text);
    // The newest `count` of those kept, oldest first.
    std::vector<LoggedLine> tail(std::size_t count) const;
    // Those after line `number` that are still kept. Waits for one for at most `patience`, or until `stop`.
    std::vector<LoggedLine> after(std::uint64_t number, std::chrono::milliseconds patience,
                                  const std::stop_token& stop) const;
    std::uint64_t last_number() const;

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable_any appended_;
    std::deque<LoggedLine> lines_;
    std::uint64_t last_ = 0;
};

}  // namespace bulkhead::lifecycle
