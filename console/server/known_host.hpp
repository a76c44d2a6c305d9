// What former rounds left of a gateway, as the store keeps it.
#pragma once

#include <string>

#include "attestation/verifier.hpp"

namespace bulkhead::console {

// JSON. What enrolment gave (name, anchor, keys) is not in it.
std::string to_json(const attestation::KnownHost& known);
// Empty text: nothing is known yet. Code::corrupt for what to_json did not write.
Result<attestation::KnownHost> known_host_from_json(const std::string& json);

}  // namespace bulkhead::console
