#pragma once

#include <functional>
#include <memory>

#include "partition-manager/daemon/requests.hpp"
#include "passthrough/inventory/inventory.hpp"

namespace bulkhead::daemon {

// Asks what is on the buses at that moment. Without a TPM nobody could tell whether a partition is trusted,
// and no device can depend on that. Each error names the place in the document where the device's place
// stands.
DeviceCheck device_check(std::function<std::shared_ptr<const passthrough::inventory::Inventory>()> inventory,
                         bool tpm);

}  // namespace bulkhead::daemon
