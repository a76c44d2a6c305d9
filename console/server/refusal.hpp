// Why a gateway did not take what IT signed: its own errors, bounded, because a gateway may send anything.
#pragma once

#include <string>
#include <vector>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::console {

using Refusal = std::vector<bulkhead::v1alpha1::ErrorDetail>;  // empty: none

Refusal refusal_of(const bulkhead::v1alpha1::DesiredResult& result);
// For the store: JSON. Text that is none, of an older console, is a refusal with these words.
std::string to_text(const Refusal& refusal);
Refusal refusal_from_text(const std::string& text);
// One line for people.
std::string summary_of(const Refusal& refusal);

}  // namespace bulkhead::console
