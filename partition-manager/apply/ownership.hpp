// Whose the spec is: a person's at this machine, until the gateway joins a console; then IT's, by signature,
// and a person's only behind broken glass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "storage/database.hpp"

namespace bulkhead::apply {

struct SignedSpec {
    std::uint64_t generation = 0;
    std::string envelope;
    std::string signer;  // the key's id
    std::string taken_at;
    bool operator==(const SignedSpec&) const = default;
};

struct BreakGlass {
    std::string reason;
    std::string actor;
    std::string since;
    bool operator==(const BreakGlass&) const = default;
};

class Ownership {
  public:
    Ownership(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    Result<bool> enrolled();
    Result<std::optional<SignedSpec>> signed_spec();
    // Ends a break-glass.
    Result<> put_signed(std::uint64_t generation, const std::string& envelope, const std::string& signer);
    Result<std::optional<BreakGlass>> break_glass();
    Result<> put_break_glass(const std::string& reason, const std::string& actor);

  private:
    storage::Database& database_;
    const Clock& clock_;
};

}  // namespace bulkhead::apply
