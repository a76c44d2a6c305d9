// A small fleet's documents and reports.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/fleet.pb.h"
#include "crypto/signing_key.hpp"

namespace bulkhead::console {

// A spec with the partitions robot-cell (tenant acme) and historian (tenant it).
std::string plant_yaml(const std::string& gateway);
// The same gateway's report: all well.
bulkhead::v1alpha1::GatewayReport plant_report(const std::string& gateway,
                                               const std::string& site = "hall-2");
// `more`: lines at the end of its spec.
std::string signed_desired(const crypto::SigningKey& key, const std::string& gateway,
                           std::uint64_t generation, const std::string& references = "{}",
                           const std::string& more = {});

}  // namespace bulkhead::console
