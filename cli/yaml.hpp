// JSON's values as block YAML 1.2. Strings are plain only where no reader, of YAML 1.1 either, can take them
// for something else.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace bulkhead::cli {

std::string yaml_text(const nlohmann::ordered_json& value);

}  // namespace bulkhead::cli
