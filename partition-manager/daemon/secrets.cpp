#include "partition-manager/daemon/secrets.hpp"

#include "base/log.hpp"
#include "crypto/encoding.hpp"
#include "crypto/sealed_box.hpp"

namespace bulkhead::daemon {

void Secrets::open_key() {
    {
        const std::scoped_lock lock(mutex_);
        if (key_) return;
    }
    // Without the lock: nobody else waits for the TPM.
    auto key = uplink::open_box_key(identity_.folder(), attestor_);
    if (!key) return log::warning("secrets can't be opened", {{"error", key.error().text()}});
    const std::scoped_lock lock(mutex_);
    key_ = std::move(*key);
}

v1alpha1::Capability Secrets::capability() const {
    const std::scoped_lock lock(mutex_);
    v1alpha1::Capability view;
    view.set_name("secrets");
    view.set_verdict(key_ ? v1alpha1::Capability::yes : v1alpha1::Capability::no);
    if (key_)
        view.set_detail("key " + crypto::to_base64(key_->pair.public_key) +
                        (attestor_ != nullptr ? ", sealed by the TPM" : ", in a file of root's"));
    return view;
}

std::optional<Secrets::Values> Secrets::of(const model::Spec& spec, const model::Partition& partition) const {
    if (!partition.application || partition.application->secrets.empty()) return Values();
    const auto view = results_.view(partition.name.str());
    if (view.attestation() == "untrusted") return Values();
    // A result of an earlier start proves nothing of what runs now.
    const bool proved = view.attestation() == "trusted" && view.start_number() != 0 &&
                        view.start_number() == start_of_(partition.name);
    return proved ? opened(spec, partition) : std::nullopt;
}

std::optional<Secrets::Values> Secrets::opened(const model::Spec& spec,
                                               const model::Partition& partition) const {
    const std::scoped_lock lock(mutex_);
    if (!key_) return std::nullopt;
    Values values;
    for (const auto& [name, text] : partition.application->secrets) {
        const std::string where = "partition/" + partition.name.str() + " secret " + name;
        const auto context = uplink::secret_context(spec.gateway.str(), partition.name.str(), name);
        const auto box = crypto::from_base64(text, where);
        auto secret = box ? crypto::open_box(key_->pair, context, *box, where) : box;
        if (secret)
            values[name] = std::move(*secret);
        else
            log::warning("a secret can't be opened", {{"error", secret.error().text()}});
    }
    return values;
}

}  // namespace bulkhead::daemon
