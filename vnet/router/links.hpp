// What is made of a router's network interfaces, as batches for ip(8). Pure.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "model/router.hpp"

namespace bulkhead::vnet::router {

// Uplinks' legs that stand on another card, or carry another tag, than they are to: no leg can change that,
// so they are made anew. `before`: what was in force, null if that is not known.
std::set<std::string> outdated_legs(const model::TenantRouter& router, const std::set<std::string>& present,
                                    const model::TenantRouter* before);
std::string removal_batch(const std::set<std::string>& legs);

// In the host's network namespace: hands the router, whose namespace is at `space`, those of its legs that it
// lacks. A zone's leg is the far end of a pair that the switch made. An uplink's is a macvlan in private
// mode, which hears neither the host nor other uplinks of its card.
std::string host_batch(const model::TenantRouter& router, const std::set<std::string>& present,
                       const std::filesystem::path& space);

// In the router's own, once all legs are there: takes away what is not wanted, and gives each leg its MAC
// address, its addresses and, for uplinks, a table of routes of its own, by which probes and answers find
// their way. `before`: what was in force, null if nothing was; a leg that changed is set up from the start.
std::string own_batch(const model::TenantRouter& router, const std::set<std::string>& present,
                      const model::TenantRouter* before);

// The default route leads over this uplink.
std::string default_route(const model::TenantRouter& router, const model::RouterUplink& uplink);

// Of its table, its rule of routing, and the mark of what came in over it: 1 for the first of the router's.
unsigned number_of(const model::TenantRouter& router, const model::RouterUplink& uplink);

}  // namespace bulkhead::vnet::router
