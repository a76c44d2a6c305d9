// What the switch did, does and would do, as people read it.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/switch.pb.h"
#include "cli/table.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// One frame in full; several as a table, with what the two differ in beneath.
std::string explanation_text(const api::Explanation& explanation, bool colour, std::size_t width);
// `subject`: what was to be proved.
std::string proof_text(const api::Proof& proof, const std::string& subject, bool colour);

Table denial_table(const api::DenialList& list, bool wide);
Table flow_table(const api::FlowList& list, bool wide);
Table router_table(const api::RouterList& list, bool wide);

}  // namespace bulkhead::cli
