// A quote as it travels: made by the host's TPM or a guest's, judged by the verifier.
#pragma once

#include <map>
#include <string>

namespace bulkhead::attestation {

struct Quote {
    std::string attest;                    // TPMS_ATTEST
    std::string signature;                 // TPMT_SIGNATURE
    std::map<unsigned, std::string> pcrs;  // SHA-256 bank, read together with the quote: 32 bytes each
};

}  // namespace bulkhead::attestation
