// What the verifier says of a gateway or a partition.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "attestation/trust_anchor.hpp"

namespace bulkhead::attestation {

enum class Status { unknown, trusted, untrusted, stale };
std::string_view to_string(Status status);

// Why it is untrusted. `reason` is stable and unique to its cause: nonce-replayed, not-a-quote, ...; the rest
// is for people.
struct Finding {
    std::string reason;
    std::string text;
    std::string pcr;     // "13", if it is about one
    std::string record;  // "7 PARTITION_START robot-cell", if it is about one
    std::string expected;
    std::string seen;
    bool operator==(const Finding&) const = default;
};

struct Verdict {
    Status status = Status::unknown;
    TrustAnchor anchor = TrustAnchor::software;
    std::optional<Finding> finding;  // of an untrusted one
    std::uint64_t start_number = 0;  // of a trusted partition: which of its starts was proved
    bool operator==(const Verdict&) const = default;
};

}  // namespace bulkhead::attestation
