// One measurement each over a bed from end to end, by the thread that calls: where it is pinned, all the
// work that the kernel does for a frame is done too.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/error.hpp"
#include "benchmarks/vnet/wire.hpp"

namespace bulkhead::bench {

struct Rate {
    std::uint64_t frames = 0;
    std::chrono::duration<double> time{};
    std::uint64_t lost = 0;
};

class Course {
  public:
    Course(Wire& from, Wire& to) : from_(from), to_(to) {}

    // As many as arrive in that time with at most one window of frames on the way: nobody gains by dropping.
    // The window starts wide and is halved when frames are lost, for whoever has short queues.
    Result<Rate> pour(const Frame& frame, std::chrono::milliseconds time);

    // There and back, one at a time, for that long. One that gets lost counts as long as it was waited for.
    Result<std::vector<std::chrono::nanoseconds>> ping_pong(const Frame& there, const Frame& back,
                                                            std::chrono::milliseconds time);

    // Whether one frame gets through.
    Result<bool> passes(const Frame& frame);

  private:
    Result<std::uint64_t> arrived_by(std::uint64_t wanted);

    Wire& from_;
    Wire& to_;
    unsigned window_ = widest;
    unsigned step_ = narrowest;  // grows to the window while the bed is fast enough not to overrun the time
    static constexpr unsigned widest = 512;
    static constexpr unsigned narrowest = 8;
};

}  // namespace bulkhead::bench
