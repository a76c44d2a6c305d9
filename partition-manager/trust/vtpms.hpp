// The partitions' TPMs: a folder for each, an encrypted state whose key only the host's TPM gives back, and
// the host TPM's word on whose it is. Belongs to the worker's thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/error.hpp"
#include "bulkhead/attest/v1/attest.pb.h"
#include "model/layout.hpp"
#include "partition-manager/trust/host_anchor.hpp"
#include "partition-manager/trust/swtpm.hpp"
#include "storage/database.hpp"

namespace bulkhead::trust {

class Vtpms {
  public:
    struct Options {
        model::Layout layout;
        std::filesystem::path program;  // swtpm
        Launch launch;
        uid_t first_user = 0;   // each TPM runs as a user of its own from here on; 0: as we do
        uid_t users = 0;        // how many of them, less one
        uid_t socket_user = 0;  // QEMU's
    };
    Vtpms(Options options, storage::Database& database, HostAnchor& host)
        : options_(std::move(options)), database_(database), host_(host) {}

    // Makes it if this partition never had one, or has lost all of it (then its generation grows). One whose
    // state, key or endorsement is missing or does not fit is Code::corrupt: it is never replaced by a fresh
    // one in silence.
    Result<attest::v1::Endorsement> ensure(const model::PartitionName& partition, const std::string& uid);
    // Starts it for QEMU, and returns when QEMU can connect.
    Result<attest::v1::Endorsement> start(const model::PartitionName& partition, const std::string& uid);
    // Ends one whose machine did not start. A machine that runs keeps its own.
    void stop(const model::PartitionName& partition);
    // Removes the state of all others: what had that uid will never come back.
    Result<> retain(const std::set<std::string>& uids);

  private:
    struct Place;
    Place place_of(const std::string& uid) const;
    Swtpm swtpm_of(const std::string& uid) const;
    Result<std::uint64_t> next_generation(const std::string& uid);
    Result<attest::v1::Endorsement> make(const std::string& uid);
    Result<attest::v1::Endorsement> load(const std::string& uid);
    Result<attest::v1::Endorsement> endorse(const std::string& uid, std::string_view ek_public,
                                            std::uint64_t generation);
    Result<std::string> key_of(const std::string& uid);

    const Options options_;
    storage::Database& database_;
    HostAnchor& host_;
};

}  // namespace bulkhead::trust
