// What is there now, as the drivers saw it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/conduit_guard.hpp"
#include "model/router.hpp"

namespace bulkhead::model {

enum class Power {
    off,      // defined, no QEMU
    running,  // QEMU runs
    paused,   // QEMU exists but the guest does not run (I/O error, someone paused it)
};

struct ObservedMachine {
    PartitionName name;
    std::string uid;
    std::string fingerprint;  // that it was defined with; empty if it carries none of ours
    Power power = Power::off;
    std::string image_digest;
    bool operator==(const ObservedMachine&) const = default;
};

// A port as the kernel has it. One that is not whole (no program, link down) has `guarded` false and is made
// anew.
struct ObservedPort {
    Port port;
    bool guarded = false;
    bool operator==(const ObservedPort&) const = default;
};

struct ObservedAssignment {
    Assignment assignment;
    bool serving = false;  // its owner process runs and serves QEMU's socket
    bool operator==(const ObservedAssignment&) const = default;
};

// A tenant's router as its process was told. `error`: why it is not in force whole; empty if it is.
struct ObservedRouter {
    TenantRouter router;
    std::string error;
    bool operator==(const ObservedRouter&) const = default;
};

// Likewise the guard of a tenant's conduits.
struct ObservedGuard {
    TenantGuard guard;
    std::string error;
    bool operator==(const ObservedGuard&) const = default;
};

// Something of the kernel or the system that routers, or guards of conduits, need and the gateway lacks.
struct Lack {
    std::string name;  // as in the kernel's configuration, or of the program
    std::string why;
    std::string mend;
    bool for_vlans = false;   // uplinks with a tag alone need it
    bool for_guards = false;  // guards of conduits alone
    bool operator==(const Lack&) const = default;
};

struct Accelerator {
    std::string name = "tcg";  // kvm or tcg
    std::string reason;        // why, for people
    bool operator==(const Accelerator&) const = default;
};

// The machine that all of this runs on; model::Host is one behind a wire.
struct GatewayHost {
    unsigned cpus = 0;
    Bytes memory;
    Accelerator accelerator;
    std::string hypervisor;  // versions, for people
    bool tpm = false;        // starts are measured, and each partition gets a TPM
    bool offloads = false;   // the switch can guard what guests leave to the host, so they may
    bool operator==(const GatewayHost&) const = default;
};

struct Observed {
    GatewayHost host;
    std::map<PartitionName, ObservedMachine> machines;
    std::map<VolumeId, VolumeDisk> volumes;
    std::map<PortName, ObservedPort> ports;
    std::set<Rule> rules;
    std::map<DeviceName, ObservedAssignment> assignments;
    std::map<TenantName, ObservedRouter> routers;
    std::map<TenantName, ObservedGuard> guards;
    std::vector<Lack> router_lacks;
    std::map<ImageName, Image> images;
    std::map<PartitionName, Bundle> bundles;  // verified for the partitions of the spec in question
    bool operator==(const Observed&) const = default;
};

}  // namespace bulkhead::model
