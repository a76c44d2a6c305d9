// A gateway as the worker last saw it: the three partitions of the fake factory, all running.
#pragma once

#include "partition-manager/daemon/snapshot.hpp"
#include "tests/fake/specs.hpp"

namespace bulkhead::daemon {

inline Snapshot factory_snapshot() {
    Snapshot snapshot;
    snapshot.looked = true;
    snapshot.spec = std::make_shared<const model::Spec>(fake::factory());
    snapshot.generation = 4;
    snapshot.phase = Phase::applied;
    snapshot.observed.host.accelerator = {"tcg", "CPU has no vmx/svm"};
    for (const auto& partition : snapshot.spec->partitions)
        snapshot.observed.machines[partition.name] = {partition.name, "uid-of-" + partition.name.str(), "f",
                                                      model::Power::running, "digest"};
    return snapshot;
}

inline const model::Partition& partition_of(const Snapshot& snapshot, const std::string& name) {
    return *snapshot.spec->find(model::PartitionName(name));
}

}  // namespace bulkhead::daemon
