// The seam for versions of the schema. Every version decodes its own keys and ends in the same model::Spec; a
// new one is a line in the table.
#pragma once

#include <span>
#include <string_view>

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

// The version that the document names, or null, which is told.
const Version* version_of(const yaml::Node& document, Findings& findings, std::span<const Version> versions);

}  // namespace bulkhead::spec
