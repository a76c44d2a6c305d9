// What a person allows by name, and the requests that carry it.
#pragma once

#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"
#include "cli/command.hpp"
#include "cli/document.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// --allow-restart, --allow-detach, --delete-volume.
std::vector<Option> permit_options();
api::Permits permits_of(const Invocation& args);

api::PlanRequest plan_request(const Document& document, const Invocation& args);
api::ApplyRequest apply_request(const Document& document, const Invocation& args);

}  // namespace bulkhead::cli
