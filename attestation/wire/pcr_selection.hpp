// TPML_PCR_SELECTION (Part 2, clauses 10.6.2 and 10.9.7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attestation/wire/reader.hpp"

namespace bulkhead::attestation::wire {

struct PcrSelection {
    std::uint16_t hash = 0;
    std::vector<unsigned> pcrs;  // rising
    bool operator==(const PcrSelection&) const = default;
};

// Of the SHA-256 bank alone.
std::string encode_selection(const std::vector<unsigned>& pcrs);
std::vector<PcrSelection> read_selections(Reader& reader);

}  // namespace bulkhead::attestation::wire
