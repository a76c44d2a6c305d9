// A tree of YAML nodes as a protobuf message, by reflection: the .proto file is the only list of keys.
#pragma once

#include "spec/findings.hpp"
#include "yaml/document.hpp"

namespace google::protobuf {
class Message;
}

namespace bulkhead::spec {

// Fills `message` with what fits; what does not is told and left at its default. Remembers the place of every
// value that is there. A null value is the same as an absent one.
void decode(const yaml::Node& node, google::protobuf::Message& message, Findings& findings);

}  // namespace bulkhead::spec
