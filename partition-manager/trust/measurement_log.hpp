// What this gateway does that must be provable: written down, extended into PCR 13 of the host's TPM, and
// only then done. The log on disk may be ahead of the PCR by the one record that a crash left unextended.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "attestation/event_log.hpp"
#include "base/error.hpp"
#include "partition-manager/trust/host_anchor.hpp"
#include "storage/database.hpp"

namespace bulkhead::trust {

class MeasurementLog {
  public:
    using Facts = std::map<std::string, std::string>;
    // What happened with the log that a person should know: code and text of an event.
    using Report = std::function<void(const std::string& code, const std::string& text)>;

    // Brings log and PCR together. A PCR of zeros is a boot since: the log begins anew with a BOOT record of
    // these facts. A PCR that no log of ours explains was extended by somebody else: reported, and left so,
    // because the machine must run on; the console will say so too.
    static Result<std::unique_ptr<MeasurementLog>> open(storage::Database& database, HostAnchor& host,
                                                        const std::string& boot_id, const Facts& boot,
                                                        Report report);

    // An error means that it is not measured: what it announces must not be done.
    Result<> append(attestation::RecordType type, Facts facts);

    // From any thread.
    std::string boot_id() const;
    std::string bytes() const;  // CEL-CBOR, never behind the PCR
    bool extended_outside() const;
    // The log began anew when it was opened: whatever ran before is gone.
    bool is_new() const { return new_; }

  private:
    MeasurementLog(storage::Database& database, HostAnchor& host, Report report)
        : database_(database), host_(host), report_(std::move(report)) {}
    Result<> read();
    Result<> agree(const std::string& boot_id, const Facts& boot);
    Result<> begin(const std::string& boot_id, const Facts& boot);
    Result<> extend(const attestation::Record& record);
    Result<> settle();
    void take(const attestation::Record& record);

    storage::Database& database_;
    HostAnchor& host_;
    Report report_;
    bool new_ = false;

    mutable std::mutex mutex_;
    std::vector<attestation::Record> records_;
    std::optional<attestation::Record> unsettled_;  // on disk, and nobody knows whether in the PCR
    std::string bytes_;
    std::string boot_id_;
    bool outside_ = false;
};

}  // namespace bulkhead::trust
