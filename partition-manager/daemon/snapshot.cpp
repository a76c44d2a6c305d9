#include "partition-manager/daemon/snapshot.hpp"

namespace bulkhead::daemon {

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::none:
            return "none";
        case Phase::applying:
            return "applying";
        case Phase::applied:
            return "applied";
        case Phase::drifting:
            return "drifting";
        case Phase::waiting:
            return "waiting";
        case Phase::failed:
            return "failed";
    }
    return "none";
}

Board::Ptr Board::current() const {
    const std::scoped_lock lock(mutex_);
    return current_;
}

void Board::publish(Snapshot snapshot) {
    {
        const std::scoped_lock lock(mutex_);
        current_ = std::make_shared<const Snapshot>(std::move(snapshot));
    }
    if (callback_) callback_();
}

}  // namespace bulkhead::daemon
