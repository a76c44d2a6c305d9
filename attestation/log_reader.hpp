// The log as the verifier reads it: with a stable reason for what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attestation/event_log.hpp"
#include "attestation/reasons.hpp"

namespace bulkhead::attestation {

Checked<std::vector<Record>> read_log(std::string_view log);
// PCR 13 after one more record.
std::string extended(std::string_view pcr, const Record& record);
// "7 PARTITION_START robot-cell"
std::string describe(const Record& record);

}  // namespace bulkhead::attestation
