#include "benchmarks/vnet/flood.hpp"

#include <sched.h>

namespace bulkhead::bench {
namespace {

// As an ordinary task, wherever this thread is not pinned to.
void leave_the_core() {
    const int here = ::sched_getcpu();
    cpu_set_t others;
    CPU_ZERO(&others);
    for (int core = 0; core < CPU_SETSIZE; ++core)
        if (core != here) CPU_SET(core, &others);
    ::sched_setaffinity(0, sizeof others, &others);
    const sched_param ordinary{};
    ::sched_setscheduler(0, SCHED_OTHER, &ordinary);
}

}  // namespace

Flood::Flood(Wire& wire, Frame frame)
    : thread_([this, &wire, frame = std::move(frame)](const std::stop_token& stop) {
          leave_the_core();
          constexpr unsigned at_once = 16;
          // A queue that is full for the moment is what a flood leads to.
          while (!stop.stop_requested())
              if (wire.pour(frame, at_once)) sent_ += at_once;
      }) {
}

}  // namespace bulkhead::bench
