#include "partition-manager/uplink/report.hpp"

#include <algorithm>
#include <map>

namespace bulkhead::uplink {
namespace {

void still(v1alpha1::DeviceView& device) {
    device.clear_to_device_bytes();
    device.clear_to_guest_bytes();
}

void still(v1alpha1::PartitionView& partition) {
    partition.clear_since_seconds();
    partition.clear_attestation_age_seconds();
    partition.clear_attested_at();
    partition.clear_agent();
    partition.mutable_application()->clear_last_output();
    for (auto& device : *partition.mutable_devices()) still(device);
    for (auto& volume : *partition.mutable_volumes()) volume.clear_used_kib();
    for (auto& interface : *partition.mutable_interfaces()) {
        interface.clear_received();
        interface.clear_delivered();
        interface.clear_dropped();
    }
}

// Who was refused what is told at once, how often with the next report. The latest comes first in the report,
// so that what is refused again changes places.
void still(v1alpha1::DenialList& denials) {
    for (auto& denial : *denials.mutable_items()) {
        denial.clear_count();
        denial.clear_last();
        denial.clear_last_seconds();
    }
    denials.clear_total();
    std::ranges::sort(*denials.mutable_items(), {},
                      [](const auto& denial) { return denial.SerializeAsString(); });
}

}  // namespace

std::string essence_of(v1alpha1::GatewayReport report) {
    auto& status = *report.mutable_status();
    status.clear_spooled();
    status.clear_console_state();
    status.mutable_attestation()->clear_age_seconds();
    status.mutable_attestation()->clear_attested_at();
    // A map has no order of its own.
    std::string labels;
    for (const auto& [key, value] :
         std::map<std::string, std::string>(status.labels().begin(), status.labels().end()))
        labels += key + "=" + value + "\n";
    status.clear_labels();
    for (auto& partition : *report.mutable_partitions()->mutable_items()) still(partition);
    for (auto& device : *report.mutable_devices()->mutable_items()) still(device);
    for (auto& conduit : *report.mutable_conduits()->mutable_items()) {
        conduit.clear_packets();
        conduit.clear_bytes();
        conduit.clear_connections();
        conduit.clear_dropped();
    }
    still(*report.mutable_denials());
    return labels + report.SerializeAsString();
}

}  // namespace bulkhead::uplink
