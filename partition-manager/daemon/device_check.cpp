#include "partition-manager/daemon/device_check.hpp"

#include <utility>

#include "passthrough/inventory/obstacles.hpp"
#include "spec/places.hpp"

namespace bulkhead::daemon {

namespace {

void refuse_trust(const model::Spec& spec, std::vector<passthrough::inventory::Refusal>& refusals) {
    for (const auto& partition : spec.partitions)
        for (const auto& use : partition.devices)
            if (use.terms.trusted)
                refusals.push_back(
                    {use.device, Error{Code::unsupported,
                                       "partition " + partition.name.str() +
                                           " must be trusted to have it, and this gateway has no TPM",
                                       {},
                                       {},
                                       "remove requires: trusted, or name a TPM: bulkheadd --tpm"}});
}

}  // namespace

DeviceCheck device_check(std::function<std::shared_ptr<const passthrough::inventory::Inventory>()> inventory,
                         bool tpm) {
    return [inventory = std::move(inventory), tpm](const model::Spec& spec, const Document& document) {
        Errors errors;
        auto refusals = passthrough::inventory::refusals(spec, *inventory());
        if (!tpm) refuse_trust(spec, refusals);
        if (refusals.empty()) return errors;
        const auto places = spec::places_of_devices(document.text, document.name);
        for (const auto& [device, error] : refusals) {
            auto& told = errors.emplace_back(error);
            told.what = "device " + device.str() + ": " + told.what;
            if (const auto place = places.find(device); place != places.end()) told.where = place->second;
        }
        return errors;
    };
}

}  // namespace bulkhead::daemon
