// The spec turned into the resources that drivers make. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/error.hpp"
#include "model/plan.hpp"
#include "model/resources.hpp"
#include "model/spec.hpp"

namespace bulkhead::plan {

// All that the gateway should have. Machines whose partition a person stopped are here too: they are defined,
// and off.
struct Desired {
    std::map<model::PartitionName, model::Machine> machines;
    std::map<model::PortName, model::Port> ports;
    std::map<model::Rule, model::ConduitName> rules;
    std::map<model::VolumeId, model::VolumeDisk> volumes;
    std::map<model::DeviceName, model::Assignment> assignments;
    std::map<model::TenantName, model::TenantRouter> routers;
    std::map<model::TenantName, model::TenantGuard> guards;
    bool operator==(const Desired&) const = default;
};

// What rendering needs to know beside the spec.
struct Known {
    std::map<model::PartitionName, std::string> uids;  // one for every partition of the spec
    std::map<model::ImageName, model::Image> images;
    std::map<model::PartitionName, model::Bundle> bundles;
    // Assignments that stand; one that fits the spec keeps its token.
    std::map<model::DeviceName, model::Assignment> assignments;
    std::uint64_t next_token = 1;  // greater than any token that was ever given out
    bool tpm = false;              // the host has one
    bool offloads = false;         // guests may leave checksums and segments to the host
};

// Code::not_found if a partition's image or bundle is not there, Code::invalid if its bundle does not suit
// it.
Result<Desired> render(const model::Spec& spec, const Known& known);

// What the conduits allow between ports, and for which of them. Needs no image to be there.
std::map<model::Rule, model::ConduitName> rules_of(const model::Spec& spec);

// The ports of one partition, in the order of its interfaces.
std::vector<model::Port> ports_of(const model::Spec& spec, const model::Partition& partition);
// The ports through which an end of a conduit talks.
std::vector<model::Port> ports_of(const model::Spec& spec, const model::EndName& end);

}  // namespace bulkhead::plan
