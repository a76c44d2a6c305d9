#include "partition-manager/daemon/device_check.hpp"

#include <utility>

#include "passthrough/inventory/obstacles.hpp"
#include "spec/places.hpp"

namespace bulkhead::daemon {

DeviceCheck device_check(
    std::function<std::shared_ptr<const passthrough::inventory::Inventory>()> inventory) {
    return [inventory = std::move(inventory)](const model::Spec& spec, const Document& document) {
        Errors errors;
        const auto refusals = passthrough::inventory::refusals(spec, *inventory());
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
