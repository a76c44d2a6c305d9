// The tables of `get` and the lines above them.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "cli/table.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// GATEWAY press-line-3   hall-2   accelerator tcg (...)   generation 1 applied
std::string tpm_words(const std::string& anchor);
std::string gateway_line(const api::Status& status, bool colour);

Style style_of_health(const api::PartitionView& partition);
// "trusted (software), 4 s ago"; only what hardware vouches for is green.
Cell attestation_cell(const std::string& attestation, const std::string& anchor, const std::string& at,
                      std::uint64_t age_seconds);
// Why a partition is not as it should be, and what holds it: one line each.
std::vector<Cell> remarks(const api::PartitionView& partition);

Table gateway_table(const api::GatewayList& list, bool wide);
Table partition_table(const api::PartitionList& list, bool wide);
Table device_table(const api::DeviceList& list, bool wide);
Table zone_table(const api::ZoneList& list, bool wide);
Table conduit_table(const api::ConduitList& list, bool wide);
Table event_table(const api::EventList& list, bool wide);
Table bundle_table(const api::BundleList& list);
Table capability_table(const api::Diagnosis& diagnosis);

}  // namespace bulkhead::cli
