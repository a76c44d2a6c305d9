// Whether a TLS server is the console whose CA was pinned. Wall clocks are not asked: a gateway whose clock
// stands in 1970 must find its console.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/certificate.hpp"

namespace bulkhead::crypto {

// Instead of a pin, for a person's first contact only: whatever CA the server shows, which the caller then
// shows and pins.
inline constexpr const char* any_ca = "any";

// `chain_pem`: what the server showed, its own certificate first. `pin`: SHA-256 of the CA's DER,
// hexadecimal. `ca_pem`: the pinned CA, if it is known already; else it must be in the chain. `known_time`:
// the last time that the console told; a certificate that had expired by then is refused. Its extended key
// usage must be serverAuth: a gateway's certificate comes from the same CA and is no console's. Returns the
// CA as PEM.
Result<std::string> check_pinned_chain(std::string_view chain_pem, const std::string& pin,
                                       const std::string& ca_pem, std::optional<UtcSeconds> known_time,
                                       const std::string& where);

}  // namespace bulkhead::crypto
