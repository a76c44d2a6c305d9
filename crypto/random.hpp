// The operating system's random numbers, by way of OpenSSL.
#pragma once

#include <cstddef>
#include <string>

namespace bulkhead::crypto {

// Aborts if the system has none: no key or nonce may be made then.
std::string random_bytes(std::size_t count);

}  // namespace bulkhead::crypto
