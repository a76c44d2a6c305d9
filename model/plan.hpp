// A plan is data: typed actions with what each disturbs and what must come before it. Executing is elsewhere.
#pragma once

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "model/observed.hpp"

namespace bulkhead::model {

struct CreateVolume {
    VolumeDisk disk;
    bool operator==(const CreateVolume&) const = default;
};
struct DeleteVolume {
    VolumeId id;
    bool operator==(const DeleteVolume&) const = default;
};
struct CreatePort {
    Port port;
    bool operator==(const CreatePort&) const = default;
};
struct DeletePort {
    PortName port;
    PartitionName partition;
    bool operator==(const DeletePort&) const = default;
};
struct OpenConduit {
    ConduitName conduit;
    std::set<Rule> rules;
    std::set<Rule> instead;  // that end in the same moment: of the same flows, so that what flows goes on
    bool operator==(const OpenConduit&) const = default;
};
struct CloseConduit {
    ConduitName conduit;
    std::set<Rule> rules;
    bool operator==(const CloseConduit&) const = default;
};
struct AssignDevice {
    Assignment assignment;
    bool operator==(const AssignDevice&) const = default;
};
struct ReleaseDevice {
    DeviceName device;
    PartitionName partition;
    std::uint64_t token;
    bool operator==(const ReleaseDevice&) const = default;
};
struct DefineMachine {
    Machine machine;
    bool operator==(const DefineMachine&) const = default;
};
struct UndefineMachine {
    PartitionName partition;
    bool operator==(const UndefineMachine&) const = default;
};
struct StartMachine {
    PartitionName partition;
    bool operator==(const StartMachine&) const = default;
};
struct StopMachine {
    PartitionName partition;
    bool operator==(const StopMachine&) const = default;
};
struct CreateRouter {
    TenantRouter router;
    bool operator==(const CreateRouter&) const = default;
};
struct DeleteRouter {
    TenantName tenant;
    bool operator==(const DeleteRouter&) const = default;
};
struct CreateGuard {
    TenantGuard guard;
    bool operator==(const CreateGuard&) const = default;
};
struct DeleteGuard {
    TenantName tenant;
    bool operator==(const DeleteGuard&) const = default;
};

// Stored in the journal: append only, and give a changed one a migration
// (partition-manager/apply/step_codec).
using Action = std::variant<CreateVolume, DeleteVolume, CreatePort, DeletePort, OpenConduit, CloseConduit,
                            AssignDevice, ReleaseDevice, DefineMachine, UndefineMachine, StartMachine,
                            StopMachine, CreateRouter, DeleteRouter, CreateGuard, DeleteGuard>;

enum class Disruption {
    none,     // nothing that runs notices
    live,     // something that runs changes, and goes on
    restart,  // a running partition stops (and starts again, if it is still wanted)
    detach,   // a device is taken from a running partition
};

struct Step {
    Action action;
    Disruption disruption = Disruption::none;
    std::string reason;           // why, for people: "memory 192MiB -> 256MiB"
    PartitionName partition;      // that is touched; empty if none is
    std::set<std::size_t> after;  // indices of the steps that must be done first
    bool operator==(const Step&) const = default;
};

// Steps in an order in which they can be executed.
struct Plan {
    std::vector<Step> steps;
    std::vector<std::string> notes;  // what a person should know: volumes that are kept, ...
    bool empty() const { return steps.empty(); }
    bool operator==(const Plan&) const = default;
};

// What a person allowed by name.
struct Permits {
    std::set<PartitionName> restart;
    std::set<DeviceName> detach;
    std::set<VolumeId> delete_volumes;
    bool operator==(const Permits&) const = default;
};

std::string_view to_string(Disruption disruption);
std::string_view verb(
    const Action& action);  // create, delete, open, close, assign, release, define, undefine, start, stop
std::string_view kind(const Action& action);  // volume, port, conduit, device, partition, router, guard
std::string subject(const Action& action);    // robot-cell/data
std::string detail(const Action& action);     // 64MiB; acme-cell 10.20.1.10 02:...; ...

}  // namespace bulkhead::model
