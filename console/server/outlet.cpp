#include "console/server/outlet.hpp"

#include <utility>

namespace bulkhead::console {

void Outlet::send(v1alpha1::FromConsole message) {
    const std::scoped_lock lock(mutex_);
    if (open_) return wire_(std::move(message));
    if (waiting_.size() == most_waiting) return overflow_();
    waiting_.push_back(std::move(message));
}

void Outlet::open(v1alpha1::FromConsole welcome) {
    const std::scoped_lock lock(mutex_);
    wire_(std::move(welcome));
    for (auto& message : std::exchange(waiting_, {})) wire_(std::move(message));
    open_ = true;
}

Outlet::Send Outlet::sender() {
    return [self = shared_from_this()](v1alpha1::FromConsole message) { self->send(std::move(message)); };
}

}  // namespace bulkhead::console
