// What may pass between a partition that must be trusted and its devices: decided by the console's word of
// the very start that runs, and kept while nobody knows. Written down for as long as the gateway is up, so
// that a manager that comes back closes no plant's line.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "bulkhead/v1alpha1/control.pb.h"
#include "model/layout.hpp"
#include "model/spec.hpp"
#include "partition-manager/trust/results.hpp"
#include "passthrough/gate.hpp"

namespace bulkhead::daemon {

// What a measured start was granted last.
struct Grant {
    std::uint64_t start = 0;
    passthrough::Gate gate = passthrough::Gate::closed;
    bool operator==(const Grant&) const = default;
};

// What follows from what the console said last. A result of another start proves nothing of what runs now;
// that nobody can tell (stale, unknown) changes nothing.
Grant judge(const Grant& last, const model::DeviceTerms& terms, const v1alpha1::AttestationView& view,
            std::uint64_t start);

class DeviceGates {
  public:
    // Number of the measured start whose machine runs under that name; 0: none does.
    using StartOf = std::function<std::uint64_t(const model::PartitionName&)>;

    DeviceGates(model::Layout layout, const trust::Results& results, StartOf start_of)
        : layout_(std::move(layout)), results_(results), start_of_(std::move(start_of)) {}

    // From any thread. An error in writing it down is logged: the gate counts all the same.
    passthrough::Gate of(const model::PartitionName& partition, const model::DeviceUse& use);

    // Before a machine of the partition starts: has the start put on record, then closes the gates of what
    // must be trusted, and returns when they are. Not the other way round: by the start before, which may
    // have been proved, of() would open a gate again meanwhile. Blocks; what fails, or an owner that does not
    // do it, keeps the machine from starting.
    Result<> before_start(const model::Spec* spec, const model::PartitionName& partition,
                          const std::function<Result<>()>& put_on_record) const;

  private:
    Result<> close(const model::Spec& spec, const model::PartitionName& partition) const;
    Grant read(const model::DeviceName& device) const;
    void write(const model::DeviceName& device, const Grant& grant) const;

    const model::Layout layout_;
    const trust::Results& results_;
    const StartOf start_of_;
    std::mutex mutex_;
    std::map<model::DeviceName, Grant> grants_;
};

}  // namespace bulkhead::daemon
