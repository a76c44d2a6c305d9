// The path of a certificate (RFC 5280) to roots that somebody chose to trust: of a TPM's endorsement key.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

struct EndCertificate {
    bool known_root = false;  // its path is right and ends in one of the roots
    std::string x, y;         // of its key on P-256: 32 bytes each
};

// `roots_pem`: roots, and the certificates between; self-issued ones are roots. `usage`: an extended key
// usage (dotted object identifier) that it must state. A path that is there and wrong (expired, altered, an
// end certificate in the place of a CA) is Code::refused; one that leads to no known root is not an error.
Result<EndCertificate> check_end_certificate(std::string_view der, const std::string& roots_pem,
                                             const std::string& usage);

}  // namespace bulkhead::crypto
