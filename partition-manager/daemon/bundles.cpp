#include "partition-manager/daemon/bundles.hpp"

#include "bulkhead/v1alpha1/api_version.hpp"
#include "images/bundle/shelf.hpp"

namespace bulkhead::daemon {

Result<images::IncomingBundle> Bundles::begin() const {
    return images::IncomingBundle::begin(
        layout_, {.one = policies::most_of(policy_, policies::Quantity::bundle_size),
                  .all = policies::most_of(policy_, policies::Quantity::bundles_size)});
}

Result<v1alpha1::BundleList> Bundles::list() const {
    BULKHEAD_TRY_ASSIGN(const auto all, images::shelved_bundles(layout_));
    v1alpha1::BundleList list;
    list.set_apiversion(v1alpha1::api_version);
    list.set_size_bytes_most(policies::most_of(policy_, policies::Quantity::bundles_size));
    for (const auto& bundle : all) {
        auto& item = *list.add_items();
        item.set_name(bundle.reference.name.str());
        item.set_digest("sha256:" + bundle.reference.digest);
        item.set_reference(bundle.reference.str());
        item.set_size_bytes(bundle.size);
        item.set_pushed_at(rfc3339(bundle.pushed));
        for (auto& user : users_of(bundle.reference)) item.add_partitions(std::move(user));
        list.set_size_bytes(list.size_bytes() + bundle.size);
    }
    return list;
}

Result<v1alpha1::StoredBundle> Bundles::remove(const std::string& text) const {
    BULKHEAD_TRY_ASSIGN(const auto reference, model::parse_bundle_reference(text));
    if (const auto users = users_of(reference); !users.empty())
        return fail(Code::conflict, "partition " + users.front() + " runs it", reference.str(),
                    "a bundle that no partition of the spec names",
                    "name another one in the spec, or none, and apply it");
    BULKHEAD_TRY(images::remove_shelved(layout_, reference));
    v1alpha1::StoredBundle gone;
    gone.set_name(reference.name.str());
    gone.set_digest("sha256:" + reference.digest);
    gone.set_reference(reference.str());
    return gone;
}

std::vector<std::string> Bundles::users_of(const model::BundleReference& reference) const {
    std::vector<std::string> users;
    const auto snapshot = board_.current();
    if (!snapshot->spec) return users;
    for (const auto& partition : snapshot->spec->partitions)
        if (partition.application && partition.application->bundle == reference)
            users.push_back(partition.name.str());
    return users;
}

}  // namespace bulkhead::daemon
