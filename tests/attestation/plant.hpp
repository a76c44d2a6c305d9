// A small gateway's spec (two partitions, a conduit between them, a serial device), and what IT signed for
// it.
#pragma once

#include <string>

#include "attestation/reference.hpp"
#include "model/spec.hpp"

namespace bulkhead::testing_support {

model::Spec plant();
attestation::References plant_references();
std::string digest_of(const std::string& text);  // hexadecimal SHA-256

}  // namespace bulkhead::testing_support
