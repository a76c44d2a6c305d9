// What a router's dnsmasq(8) is told. Pure.
#pragma once

#include <filesystem>
#include <string>

#include "model/router.hpp"

namespace bulkhead::vnet::router {

// Addresses for those who ask for theirs and are known by their MAC address; names that are listed, from the
// resolvers that are, and from nobody else; the zones' IPv6 prefixes.
std::string name_server_settings(const model::TenantRouter& router, const std::filesystem::path& leases);

// Whether there is anything for it to do.
bool needs_name_server(const model::TenantRouter& router);

}  // namespace bulkhead::vnet::router
