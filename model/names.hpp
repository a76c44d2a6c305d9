#pragma once

#include "base/name.hpp"

namespace bulkhead::model {

using GatewayName = Name<struct GatewayTag>;
using TenantName = Name<struct TenantTag>;
using DeviceName = Name<struct DeviceTag>;
using ZoneName = Name<struct ZoneTag>;
using PartitionName = Name<struct PartitionTag>;
using VolumeName = Name<struct VolumeTag>;
using ImageName = Name<struct ImageTag>;
using BundleName = Name<struct BundleTag>;
using ConduitName = Name<struct ConduitTag>;
using UplinkName = Name<struct UplinkTag>;
// Who can be an end of a conduit: a partition, a host behind a wire, or an outside. They share
// one name space.
using EndName = Name<struct EndTag>;
// A network interface of the gateway (a tap); at most 15 characters (IFNAMSIZ).
using PortName = Name<struct PortTag>;

}  // namespace bulkhead::model
