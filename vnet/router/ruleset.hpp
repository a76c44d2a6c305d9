// A router's firewall as nft(8) reads it: one file, one transaction. Pure.
#pragma once

#include <string>

#include "model/router.hpp"

namespace bulkhead::vnet::router {

// Default drop, statefully. What conduits of the spec allow passes between zones and uplinks, under the
// uplink's own address; forwarded services come in; a zone reaches the router for addresses and names alone,
// and no other zone by it.
std::string ruleset(const model::TenantRouter& router);

}  // namespace bulkhead::vnet::router
