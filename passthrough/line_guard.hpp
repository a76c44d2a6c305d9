// Stands between a guest and its line, where a process of ours carries the bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bulkhead::passthrough {

struct GuardCounts {
    std::uint64_t passed = 0;
    std::uint64_t refused = 0;  // by a rule or a rate
    std::uint64_t broken = 0;   // what nobody could have understood
    std::string last;           // the latest that did not pass, in words
    bool operator==(const GuardCounts&) const = default;
};

class LineGuard {
  public:
    using Moment = std::chrono::steady_clock::time_point;

    // What becomes of a guest's bytes: what goes on to the line, and what the guest is answered in the
    // device's place. Of n bytes taken at once never more than n + most_held of the one, twice that of the
    // other.
    struct Passed {
        std::vector<std::byte> to_line;
        std::vector<std::byte> to_guest;
    };
    static constexpr std::size_t most_held = 256;

    LineGuard() = default;
    LineGuard(const LineGuard&) = delete;
    LineGuard& operator=(const LineGuard&) = delete;
    virtual ~LineGuard() = default;

    virtual Passed take(std::span<const std::byte> bytes, Moment now) = 0;
    // To be called when nothing came for `silence()` while it holds something: that is all of it.
    virtual Passed on_silence(Moment now) = 0;
    virtual bool holds_something() const = 0;
    virtual std::chrono::milliseconds silence() const = 0;
    // Another guest, or the same one anew.
    virtual void forget() = 0;
    virtual const GuardCounts& counts() const = 0;
};

}  // namespace bulkhead::passthrough
