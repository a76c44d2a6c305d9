#include "partition-manager/uplink/desired_check.hpp"

#include "base/text.hpp"

namespace bulkhead::uplink {

Result<Accepted> check_desired(std::string_view envelope, std::span<const crypto::VerifyKey> trusted,
                               const std::string& gateway, std::uint64_t in_force, const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const auto opened,
                        crypto::open_envelope(envelope, spec::desired_payload_type, trusted, where));
    BULKHEAD_TRY_ASSIGN(auto desired, spec::desired_from_json(opened.payload, where));
    if (desired.gateway.str() != gateway)
        return fail(Code::refused, "it was signed for gateway '" + desired.gateway.str() + "'", where,
                    "gateway '" + gateway + "'", "sign this gateway's spec: bulkhead sign -f SPEC --key KEY");
    if (desired.generation <= in_force)
        return fail(Code::conflict, "generation " + std::to_string(desired.generation) + " is not a new one",
                    where, "one greater than " + std::to_string(in_force) + ", which is in force",
                    "sign it again with --generation " + std::to_string(in_force + 1) + " or greater");
    return Accepted{std::move(desired), opened.signer.id()};
}

bool is_envelope(std::string_view document) {
    // A spec may be JSON too, which is YAML; it has neither of these keys.
    return trimmed(document).starts_with('{') && document.contains("\"payloadType\"") &&
           document.contains("\"signatures\"");
}

}  // namespace bulkhead::uplink
