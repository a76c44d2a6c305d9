// Stands between a guest and its line, where a process of ours carries the bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "model/guard_counts.hpp"

namespace bulkhead::passthrough {

using model::GuardCounts;

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

    virtual Passed from_guest(std::span<const std::byte> bytes, Moment now) = 0;
    // Some requests end with silence alone: to be called when the guest said nothing for `silence()` while
    // one waits for that.
    virtual bool waits_for_silence() const { return false; }
    virtual std::chrono::milliseconds silence() const { return {}; }
    virtual Passed on_silence(Moment) { return {}; }
    // Whether the guest hears whatever the line says; else what it hears of that.
    virtual bool hears_all() const { return true; }
    virtual std::vector<std::byte> from_line(std::span<const std::byte> bytes) {
        return {bytes.begin(), bytes.end()};
    }
    // Whether what would change something is refused, whatever the rules say.
    virtual void set_receive_only(bool receive_only) = 0;
    // Another guest, or the same one anew.
    virtual void forget() = 0;
    virtual const GuardCounts& counts() const = 0;
};

}  // namespace bulkhead::passthrough
