// Whose word an attestation result rests on. Nothing software is ever shown as plain green.
#pragma once

#include <string_view>

namespace bulkhead::attestation {

enum class TrustAnchor {
    hardware,  // a discrete or firmware TPM with a manufacturer's certificate
    software,  // swtpm: shows the path, proves nothing against root of this machine
};
std::string_view to_string(TrustAnchor anchor);

}  // namespace bulkhead::attestation
