// ECDSA on P-256 (FIPS 186-5) over a SHA-256 digest, as TPMs make it.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

// A public key, kept ready: verifying with the same key again costs no set-up. For one thread at a time.
class EcdsaKey {
  public:
    // Coordinates of at most 32 bytes, big-endian. A point that is not on the curve is Code::invalid.
    static Result<EcdsaKey> from_point(std::string_view x, std::string_view y);
    ~EcdsaKey();
    EcdsaKey(EcdsaKey&& other) noexcept;
    EcdsaKey& operator=(EcdsaKey&& other) noexcept;

    // `digest`, r and s: 32 bytes each. False also if r or s is zero or not below the curve's order.
    bool verifies(std::string_view digest, std::string_view r, std::string_view s) const;

  private:
    struct Ready;
    explicit EcdsaKey(std::unique_ptr<Ready> ready);
    std::unique_ptr<Ready> ready_;
};

}  // namespace bulkhead::crypto
