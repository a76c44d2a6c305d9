#include "partition-manager/daemon/backoff.hpp"

#include <algorithm>

namespace bulkhead::daemon {

void StartBackoff::note_restart(const model::PartitionName& partition, MonotonicTime now) {
    Entry& entry = entries_[partition];
    const bool calm = entry.delay.count() == 0 || now - entry.started > recovered;
    entry.delay = calm ? first : std::min(entry.delay * 2, longest);
    entry.started = now;
}

std::set<model::PartitionName> StartBackoff::waiting(MonotonicTime now) const {
    std::set<model::PartitionName> names;
    for (const auto& [name, entry] : entries_)
        if (now < entry.started + entry.delay) names.insert(name);
    return names;
}

std::chrono::milliseconds StartBackoff::next(MonotonicTime now) const {
    std::chrono::milliseconds soonest{0};
    for (const auto& [name, entry] : entries_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(entry.started + entry.delay - now);
        if (left.count() > 0 && (soonest.count() == 0 || left < soonest)) soonest = left;
    }
    return soonest;
}

}  // namespace bulkhead::daemon
