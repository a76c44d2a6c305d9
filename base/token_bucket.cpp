#include "base/token_bucket.hpp"

#include <algorithm>

namespace bulkhead {

void TokenBucket::refill(MonotonicTime now) {
    const std::chrono::duration<double> passed = now - refilled_;
    left_ = std::min(rate_.at_once, left_ + passed.count() * rate_.per_second);
    refilled_ = now;
}

bool TokenBucket::take(MonotonicTime now) {
    refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
}

void TokenBucket::spend(double count, MonotonicTime now) {
    refill(now);
    left_ -= count;
}

std::chrono::milliseconds TokenBucket::debt() const {
    const std::chrono::duration<double> owed(std::max(-left_, 0.0) / rate_.per_second);
    return std::chrono::ceil<std::chrono::milliseconds>(owed);
}

}  // namespace bulkhead
