// Where things stand in a document that was accepted, for whoever speaks of them later.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/names.hpp"

namespace bulkhead::spec {

// "factory.yaml:41:5" of each conduit; nothing of a document that can't be read.
std::map<model::ConduitName, std::string> places_of_conduits(std::string_view yaml,
                                                             std::string_view file_name);
// Of the `at` of each device.
std::map<model::DeviceName, std::string> places_of_devices(std::string_view yaml, std::string_view file_name);

}  // namespace bulkhead::spec
