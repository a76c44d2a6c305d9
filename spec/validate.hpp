// YAML of one gateway -> validated spec. The only entry that other floors need.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "model/spec.hpp"
#include "spec/version.hpp"

namespace bulkhead::spec {

// The spec, or all that is wrong with the document, in its order. `file_name` is for places only: nothing is
// read.
std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name);
std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name,
                                             std::span<const Version> versions);

}  // namespace bulkhead::spec
