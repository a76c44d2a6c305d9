#include "partition-manager/uplink/results.hpp"

namespace bulkhead::uplink {

void Results::set(const v1alpha1::AttestationResults& results) {
    const auto now = clock_.monotonic();
    const std::scoped_lock lock(mutex_);
    for (const auto& view : results.items()) said_[view.partition()] = {view, now};
}

std::optional<v1alpha1::AttestationView> Results::of(const std::string& partition) const {
    const std::scoped_lock lock(mutex_);
    const auto found = said_.find(partition);
    if (found == said_.end()) return std::nullopt;
    auto view = found->second.view;
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.monotonic() - found->second.at).count();
    view.set_age_seconds(view.age_seconds() + static_cast<std::uint64_t>(elapsed < 0 ? 0 : elapsed));
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(fresh_for).count();
    if (view.attestation() == "trusted" && view.age_seconds() > static_cast<std::uint64_t>(limit)) {
        view.set_attestation("stale");
        view.set_text("the console has not looked since");
    }
    return view;
}

bool Results::is_trusted_now(const std::string& partition) const {
    const auto view = of(partition);
    return view && view->attestation() == "trusted";
}

}  // namespace bulkhead::uplink
