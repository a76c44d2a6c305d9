#include "attestation/wire/attest.hpp"

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/reader.hpp"

namespace bulkhead::attestation::wire {
namespace {
constexpr std::size_t name_limit = 68;    // TPM2B_NAME: two bytes and a SHA-512 digest, rounded up
constexpr std::size_t digest_limit = 64;  // SHA-512
constexpr std::uint8_t yes = 1;           // TPMI_YES_NO
}  // namespace

bool Attest::generated_by_tpm() const {
    return magic == tpm_generated;
}

bool Attest::is_quote() const {
    return type == st_attest_quote;
}

Result<Attest> parse_attest(std::string_view bytes) {
    Reader reader(bytes);
    Attest attest;
    attest.magic = reader.u32();
    attest.type = reader.u16();
    if (!reader.failed() && (!attest.generated_by_tpm() || !attest.is_quote())) return attest;
    reader.sized(name_limit);  // qualifiedSigner: rests on the hierarchy's own secret, so nobody can check it
    attest.extra_data = reader.sized(digest_limit);
    attest.clock = reader.u64();
    attest.reset_count = reader.u32();
    attest.restart_count = reader.u32();
    const std::uint8_t safe = reader.u8();
    if (safe > yes) reader.refuse("has " + std::to_string(safe) + " where yes or no can be");
    attest.safe = safe == yes;
    attest.firmware_version = reader.u64();
    attest.selections = read_selections(reader);
    attest.pcr_digest = reader.sized(digest_limit);
    BULKHEAD_TRY(reader.end("TPMS_ATTEST"));
    return attest;
}

}  // namespace bulkhead::attestation::wire
