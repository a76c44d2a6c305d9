// A rate: so much a second on average, so much at once.
#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace bulkhead {

struct Rate {
    double per_second = 0;
    double at_once = 0;
};

// Full at first. Time goes on by what its callers say; of one thread.
class TokenBucket {
  public:
    explicit TokenBucket(Rate rate) : rate_(rate), left_(rate.at_once) {}

    // One, if it has one.
    bool take(MonotonicTime now);
    // As many as were used already, whether it had them or not: what it had not is owed.
    void spend(double count, MonotonicTime now);
    // Until nothing is owed any more; 0 if nothing is.
    std::chrono::milliseconds debt() const;

  private:
    void refill(MonotonicTime now);

    Rate rate_;
    double left_;
    MonotonicTime refilled_;
};

}  // namespace bulkhead
