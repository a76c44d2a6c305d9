#include "partition-manager/trust/results.hpp"

namespace bulkhead::trust {

void Results::set(const v1alpha1::AttestationResults& results) {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
    for (const auto& item : results.items()) entries_[item.partition()] = {item, clock_.monotonic()};
}

void Results::set_reason(std::string reason) {
    const std::scoped_lock lock(mutex_);
    reason_ = std::move(reason);
}

void Results::set_anchor(std::string anchor) {
    const std::scoped_lock lock(mutex_);
    anchor_ = std::move(anchor);
}

v1alpha1::AttestationView Results::view(const std::string& partition) const {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(partition);
    if (found == entries_.end()) {
        v1alpha1::AttestationView unknown;
        unknown.set_partition(partition);
        unknown.set_attestation("unknown");
        unknown.set_trust_anchor(anchor_);
        unknown.set_text(reason_);
        return unknown;
    }
    auto view = found->second.view;
    // By our own clock since it arrived: the console's and ours may differ.
    const auto since =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.monotonic() - found->second.received);
    view.set_age_seconds(view.age_seconds() + static_cast<std::uint64_t>(since.count()));
    const bool old = view.age_seconds() > static_cast<std::uint64_t>(fresh.count());
    // An alarm does not fade with age: what was untrusted stays so until a newer round says otherwise.
    if (old && view.attestation() == "trusted") {
        view.set_text("the last result is older than 3 minutes; it was trusted");
        view.set_attestation("stale");
    }
    return view;
}

}  // namespace bulkhead::trust
