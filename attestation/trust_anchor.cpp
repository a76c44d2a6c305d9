#include "attestation/trust_anchor.hpp"

namespace bulkhead::attestation {

std::string_view to_string(TrustAnchor anchor) {
    return anchor == TrustAnchor::hardware ? "hardware" : "software";
}

}  // namespace bulkhead::attestation
