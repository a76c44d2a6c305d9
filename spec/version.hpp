// The seam for versions of the schema. Every version decodes its own keys and ends in the same model::Spec; a
// new one is a line in the table.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "model/spec.hpp"
#include "spec/findings.hpp"
#include "yaml/document.hpp"

namespace bulkhead::spec {

struct Version {
    std::string_view name;  // the document's apiVersion
    // Only to be used if there are no findings afterwards.
    model::Spec (*convert)(const yaml::Node& document, Findings& findings);
};

// Newest first.
std::span<const Version> versions();

// YAML of one gateway as a validated spec, or all that is wrong with it, in the order of the document.
// `file_name` is for places only: nothing is read.
std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name);
std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name,
                                             std::span<const Version> versions);

}  // namespace bulkhead::spec
