#include "partition-manager/uplink/allowance.hpp"

namespace bulkhead::uplink {

std::shared_ptr<void> Allowance::take() const {
    if (left_->fetch_sub(1) <= 0) {
        left_->fetch_add(1);
        return nullptr;
    }
    return {left_.get(), [left = left_](void*) { left->fetch_add(1); }};
}

}  // namespace bulkhead::uplink
