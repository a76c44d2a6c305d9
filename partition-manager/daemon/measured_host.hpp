// Everything that a gateway has because its host has a TPM: the measured log, the partitions' TPMs, and
// rounds of attestation.
#pragma once

#include <functional>
#include <memory>

#include "base/loop.hpp"
#include "images/file_digests.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/daemon/guests.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/options.hpp"
#include "partition-manager/daemon/worker.hpp"
#include "partition-manager/hypervisor/driver.hpp"
#include "partition-manager/trust/attester.hpp"

namespace bulkhead::daemon {

struct UsableTpm {
    std::unique_ptr<trust::HostAnchor> anchor;  // null: none, and `reason` says why
    std::string reason;
};
// A TPM that does not answer stops no plant: partitions run without theirs, and attestation says why it knows
// nothing. `tcti` is empty on a host without one.
UsableTpm open_tpm(const std::string& tcti);

class MeasuredHost {
  public:
    struct Parts {
        const Options& options;
        const Launcher& launcher;
        const Clock& clock;
        Loop& loop;
        storage::Database& database;
        apply::Store& store;
        Guests& guests;
        trust::Measurer::SpecInForce spec;
        std::function<void(const apply::Event&)> record;
    };
    // Brings the log and the TPM's PCR together.
    static Result<std::unique_ptr<MeasuredHost>> open(Parts parts, std::unique_ptr<trust::HostAnchor> anchor);

    trust::HostAnchor& anchor() { return *anchor_; }
    trust::Measurer& measurer() { return *measurer_; }
    trust::Attester& attester() { return *attester_; }
    // What the log would tell of a spec's machines, for IT to sign: JSON. They are rendered as for an apply,
    // and asked for as for a start. On the worker.
    Result<std::string> references(const model::Spec& spec, std::map<model::ImageName, model::Image> images,
                                   bool offloads, hypervisor::MachineDriver& machines);
    // Finishes the round in progress; those that wait are dropped.
    void stop() { prover_.reset(); }

  private:
    explicit MeasuredHost(Parts parts) : parts_(std::move(parts)), digests_(parts_.clock) {}
    trust::Vtpms::Options vtpm_options() const;
    trust::Attester::Parts attester_parts();

    Parts parts_;
    images::FileDigests digests_;
    std::unique_ptr<trust::HostAnchor> anchor_;
    std::unique_ptr<trust::MeasurementLog> log_;
    std::unique_ptr<trust::Vtpms> vtpms_;
    std::unique_ptr<trust::Measurer> measurer_;
    std::unique_ptr<trust::Attester> attester_;
    std::unique_ptr<Worker> prover_;  // the thread that waits for the TPM; ends first
};

}  // namespace bulkhead::daemon
