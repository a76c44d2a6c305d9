// A bundle in words, and the bundle.yaml that a vendor begins with.
#pragma once

#include <string>

#include "images/bundle/bundle.hpp"

namespace bulkhead::cli {

std::string bundle_text(const images::Bundle& bundle);
std::string new_bundle_document(const std::string& name, const std::string& tenant);

}  // namespace bulkhead::cli
