// One thing in full, for people.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

std::string describe(const api::PartitionView& partition, bool colour);
std::string describe(const api::DeviceView& device, bool colour);
std::string describe(const api::ZoneView& zone, bool colour);
std::string describe(const api::ConduitView& conduit, bool colour);

}  // namespace bulkhead::cli
