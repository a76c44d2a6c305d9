// The applications' secrets: opened by the key that the host's TPM seals, readable while attestation says so.
// From any thread but for open_key().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "model/spec.hpp"
#include "partition-manager/trust/results.hpp"
#include "partition-manager/uplink/box_key.hpp"
#include "partition-manager/uplink/identity.hpp"

namespace bulkhead::daemon {

class Secrets {
  public:
    using Values = std::map<std::string, std::string>;
    // Number of the measured start whose machine runs under that name; 0: none does.
    using StartOf = std::function<std::uint64_t(const model::PartitionName&)>;

    // `attestor` is null on a host without a TPM.
    Secrets(const uplink::Identity& identity, uplink::Attestor* attestor, const trust::Results& results,
            StartOf start_of)
        : identity_(identity), attestor_(attestor), results_(results), start_of_(std::move(start_of)) {}

    // On one thread, which may wait for a TPM. Does nothing once the key is open.
    void open_key();
    // Whether secrets can be encrypted to this gateway, and to which key.
    v1alpha1::Capability capability() const;

    // What the application may read from now on: all, if this very start of its partition was proved; none,
    // if the partition is untrusted. Nothing while nobody knows: it keeps what it has and is given no more,
    // so that a line that is down stops no plant.
    std::optional<Values> of(const model::Spec& spec, const model::Partition& partition) const;

  private:
    std::optional<Values> opened(const model::Spec& spec, const model::Partition& partition) const;

    const uplink::Identity& identity_;
    uplink::Attestor* const attestor_;
    const trust::Results& results_;
    const StartOf start_of_;
    mutable std::mutex mutex_;
    std::optional<uplink::BoxKey> key_;
};

}  // namespace bulkhead::daemon
