// The key that secrets in specs are encrypted to. Its private half is sealed by the host's TPM, where there
// is one, and else a file that only root reads.
#pragma once

#include <filesystem>
#include <string>

#include "crypto/sealed_box.hpp"
#include "partition-manager/uplink/attestor.hpp"

namespace bulkhead::uplink {

struct BoxKey {
    crypto::BoxKeyPair pair;
    std::string
        signature;  // TPMT_SIGNATURE by the AK over "bulkhead box key" and the public key; may be empty
};

// Made when it is asked for first, and anew if nothing opens the one that there is: this TPM did not seal it.
// A TPM that can't answer now is an error, and the key stays.
Result<BoxKey> open_box_key(const std::filesystem::path& folder, Attestor* attestor);

// What ties a box to its place.
std::string secret_context(const std::string& gateway, const std::string& partition, const std::string& name);

}  // namespace bulkhead::uplink
