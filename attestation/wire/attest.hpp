// TPMS_ATTEST (Part 2, clause 10.12.12), as TPM2_Quote makes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/wire/pcr_selection.hpp"
#include "base/error.hpp"

namespace bulkhead::attestation::wire {

struct Attest {
    std::uint32_t magic = 0;
    std::uint16_t type = 0;
    std::string extra_data;  // what the caller asked to have in it
    std::uint64_t clock = 0;
    std::uint32_t reset_count = 0;
    std::uint32_t restart_count = 0;
    bool safe = false;
    std::uint64_t firmware_version = 0;
    std::vector<PcrSelection> selections;
    std::string pcr_digest;

    bool generated_by_tpm() const;
    bool is_quote() const;
};

// Of another magic or type only these two are read: the rest could be anything. The caller asks for both.
Result<Attest> parse_attest(std::string_view bytes);

}  // namespace bulkhead::attestation::wire
