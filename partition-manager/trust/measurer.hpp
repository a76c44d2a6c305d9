// Measures starts and stops of partitions, and what changes while they run. As a driver it executes nothing:
// it sees, after the hypervisor's driver, which measured partitions have ended, whose conduits have changed
// and whose devices were moved. Belongs to the worker's thread, but for runs().
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "attestation/reference.hpp"
#include "base/error.hpp"
#include "bulkhead/attest/v1/attest.pb.h"
#include "model/machine_facts.hpp"
#include "model/observed.hpp"
#include "partition-manager/trust/file_digests.hpp"
#include "partition-manager/trust/measurement_log.hpp"
#include "partition-manager/trust/vtpms.hpp"

namespace bulkhead::trust {

// A measured start whose partition runs, as far as is known.
struct Run {
    model::PartitionName partition;
    std::uint64_t start_number = 0;
    std::string switch_policy;
    attestation::Places places;  // as the log tells them
    attest::v1::Endorsement endorsement;
};
using Runs = std::map<std::string, Run>;  // by uid

class Measurer {
  public:
    using SpecInForce =
        std::function<std::shared_ptr<const model::Spec>()>;  // shared with published snapshots

    struct Parts {
        storage::Database& database;
        MeasurementLog& log;
        Vtpms& vtpms;
        DigestOf digest;
        std::filesystem::path swtpm;
        SpecInForce spec;
    };
    static Result<std::unique_ptr<Measurer>> open(Parts parts);

    // Starts the partition's TPM and writes the start down. An error keeps the machine from starting.
    Result<> before_start(const model::MachineFacts& facts);
    // The same digests as before_start() would record, and those of this boot, for IT to sign. `spec` need
    // not be in force.
    Result<attestation::References> references(const std::vector<model::MachineFacts>& machines,
                                               const model::Spec& spec);

    // After each look at the machines: those that have ended, and those whose conduits are others now, or
    // whose devices are at other places. What was not looked at (assignments, mostly) is as it was.
    void follow(const model::Observed& observed);

    // From any thread.
    Runs runs() const;
    // Number of the start whose machine runs under that name; 0: none does.
    std::uint64_t start_of(const model::PartitionName& partition) const;

  private:
    explicit Measurer(Parts parts) : parts_(std::move(parts)) {}
    Result<> read_runs();
    Result<> end_unstarted();
    Result<std::map<std::string, std::string>> digests_of(const model::MachineFacts& facts);
    Result<std::uint64_t> next_start(const std::string& uid);
    Result<> read_places();
    Result<> note_run(const std::string& uid, const Run& run);
    Result<> follow_run(const model::Observed& observed, const std::string& uid, Run run);
    Result<> follow_places(const model::Observed& observed, const std::string& uid, Run& run);
    Result<> note_stop(const std::string& uid, const Run& run);
    Result<> note_net_change(const std::string& uid, Run run, std::string switch_policy);
    void set(const std::string& uid, const Run* run);

    Parts parts_;
    mutable std::mutex mutex_;
    Runs runs_;
};

// Facts of a BOOT record: this kernel, its command line, this program, the TPM's count of resets.
Result<MeasurementLog::Facts> boot_facts(HostAnchor& host);

}  // namespace bulkhead::trust
