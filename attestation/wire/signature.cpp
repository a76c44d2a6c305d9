#include "attestation/wire/signature.hpp"

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/reader.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::wire {
namespace {

// Some TPMs leave leading zeros out.
std::string padded(std::string_view number) {
    return std::string(p256_size - number.size(), '\0') + std::string(number);
}

}  // namespace

Result<Signature> parse_signature(std::string_view bytes) {
    Reader reader(bytes);
    Signature signature;
    signature.scheme = reader.u16();
    signature.hash = reader.u16();
    if (!reader.failed() && signature.scheme != alg_ecdsa) return signature;
    signature.r = padded(reader.sized(p256_size));
    signature.s = padded(reader.sized(p256_size));
    BULKHEAD_TRY(reader.end("TPMT_SIGNATURE"));
    return signature;
}

std::string encode_signature(const Signature& signature) {
    return Writer().u16(signature.scheme).u16(signature.hash).sized(signature.r).sized(signature.s).take();
}

}  // namespace bulkhead::attestation::wire
