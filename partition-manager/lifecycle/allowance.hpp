// A token bucket: how much a guest may still say now.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace bulkhead::lifecycle {

class Allowance {
  public:
    Allowance(double per_second, double burst, MonotonicTime now)
        : per_second_(per_second), burst_(burst), left_(burst), at_(now) {}

    // False if there is not enough left; then nothing is taken.
    bool take(double amount, MonotonicTime now) {
        left_ = std::min(burst_, left_ + per_second_ * std::chrono::duration<double>(now - at_).count());
        at_ = now;
        if (left_ < amount) return false;
        left_ -= amount;
        return true;
    }

  private:
    double per_second_;
    double burst_;
    double left_;
    MonotonicTime at_;
};

}  // namespace bulkhead::lifecycle
