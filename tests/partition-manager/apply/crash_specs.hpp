#pragma once

#include <string>

#include "model/spec.hpp"

namespace bulkhead::apply {

// "factory"; "changed": one partition is gone, one is changed, one is new, one is as before, and a device
// changes hands; "nothing": no partition at all.
model::Spec crash_spec(const std::string& document);

}  // namespace bulkhead::apply
