// One-pass Diffie-Hellman on P-256 (SP 800-56A): an ephemeral key of ours and a static one of another.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

struct Agreement {
    std::string x, y;      // of the ephemeral public key: 32 bytes each
    std::string shared_x;  // of the shared point: the secret, 32 bytes
};
Result<Agreement> agree(std::string_view x, std::string_view y);

}  // namespace bulkhead::crypto
