#include "benchmarks/vnet/course.hpp"

#include <sched.h>

#include <algorithm>

namespace bulkhead::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A frame that is not there by then was dropped. Longer than a scheduler's turn of whoever forwards.
constexpr auto patience = 50ms;
// For one that is alone on its way: longer than the kernel holds back a task of real time
// (sched_rt_runtime_us).
constexpr auto patience_with_one = 200ms;

}  // namespace

// Waits while frames still come.
Result<std::uint64_t> Course::arrived_by(std::uint64_t wanted) {
    BULKHEAD_TRY_ASSIGN(std::uint64_t count, to_.arrived());
    auto moved = Clock::now();
    while (count < wanted && Clock::now() - moved < patience) {
        ::sched_yield();  // to whoever forwards on this core, if it is not the kernel
        BULKHEAD_TRY_ASSIGN(const std::uint64_t now, to_.arrived());
        if (now != count) moved = Clock::now();
        count = now;
    }
    return count;
}

Result<Rate> Course::pour(const Frame& frame, std::chrono::milliseconds time) {
    BULKHEAD_TRY_ASSIGN(std::uint64_t count, to_.arrived());
    Rate rate;
    std::uint64_t sent = 0;
    const std::uint64_t before = count;
    const auto start = Clock::now();
    const auto end = start + time;
    auto began = start;
    do {
        BULKHEAD_TRY(from_.pour(frame, step_));
        sent += step_;
        const std::uint64_t wanted = count + step_;
        BULKHEAD_TRY_ASSIGN(count, arrived_by(wanted));
        if (count < wanted && step_ > narrowest) window_ = std::max(step_ / 2, narrowest);
        const auto finished = Clock::now();
        step_ = std::min(finished - began < time / 8 ? step_ * 2 : step_, window_);
        began = finished;
    } while (began < end);
    rate.frames = count - before;
    rate.time = began - start;
    rate.lost = sent - std::min(sent, rate.frames);
    return rate;
}

Result<std::vector<std::chrono::nanoseconds>> Course::ping_pong(const Frame& there, const Frame& back,
                                                                std::chrono::milliseconds time) {
    BULKHEAD_TRY(from_.listen());
    BULKHEAD_TRY(to_.listen());
    std::vector<std::chrono::nanoseconds> taken;
    std::uint64_t returned = 0;
    const auto end = Clock::now() + time;
    for (auto start = Clock::now(); start < end; start = Clock::now()) {
        BULKHEAD_TRY(from_.send(there));
        BULKHEAD_TRY_ASSIGN(const bool came, to_.receive(there.size(), patience_with_one));
        if (came) {
            BULKHEAD_TRY(to_.send(back));
            BULKHEAD_TRY_ASSIGN(const bool one, from_.receive(back.size(), patience_with_one));
            returned += one ? 1 : 0;
        }
        taken.push_back(Clock::now() - start);
    }
    from_.mute();
    to_.mute();
    if (returned == 0) return fail(Code::timeout, "no ping came back");
    return taken;
}

Result<bool> Course::passes(const Frame& frame) {
    BULKHEAD_TRY_ASSIGN(const std::uint64_t before, to_.arrived());
    BULKHEAD_TRY(from_.pour(frame, 1));
    BULKHEAD_TRY_ASSIGN(const std::uint64_t after, arrived_by(before + 1));
    return after > before;
}

}  // namespace bulkhead::bench
