// TPM structures of strangers. Public areas and signatures that are taken are written as they were.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "attestation/credential.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/attest.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead::attestation;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto attest = wire::parse_attest(bytes);
        attest && attest->is_quote() && attest->generated_by_tpm())
        for (const auto& selection : attest->selections)
            if (selection.pcrs.size() > 32) std::abort();
    if (const auto area = wire::parse_public(bytes)) {
        if (wire::encode_public(*area) != bytes) std::abort();
        static_cast<void>(check_ak(bytes));
        if (const auto credential = make_credential(bytes, wire::ak_template());
            credential && !wire::difference(*area, wire::ek_area()).empty())
            std::abort();
    }
    if (const auto signature = wire::parse_signature(bytes);
        signature && signature->scheme == wire::alg_ecdsa)
        if (wire::parse_signature(wire::encode_signature(*signature)) != *signature) std::abort();
    return 0;
}
