#include "crypto/dsse.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::crypto {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_signatures = 16;
constexpr std::size_t shown_limit = 100;  // bytes of what a stranger wrote
constexpr int depth_limit = 4;            // the envelope, its signatures, one of them, its values

// Pre-authentication encoding of the DSSE protocol: nothing of the payload can be read as its type.
std::string encode(std::string_view type, std::string_view payload) {
    std::string text = "DSSEv1 ";
    text.append(std::to_string(type.size())).append(" ").append(type).append(" ");
    text.append(std::to_string(payload.size())).append(" ").append(payload);
    return text;
}

std::unexpected<Error> no_envelope(const std::string& why, const std::string& where) {
    return fail(Code::invalid, "is no signed document: " + why, where, "a DSSE envelope (JSON)",
                "sign it: bulkhead sign, or bulkhead bundle sign");
}

// What lies deeper is passed over while it is read: it may be millions of empty lists, and nobody has signed
// it yet.
Json read_json(std::string_view text) {
    return Json::parse(
        text, [](int depth, Json::parse_event_t, Json&) { return depth <= depth_limit; }, false);
}

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string ids_of(std::span<const VerifyKey> keys) {
    std::string text;
    for (const auto& key : keys) text.append(text.empty() ? "" : ", ").append(key.id());
    return text;
}

}  // namespace

std::string sign_envelope(std::string_view payload_type, std::string_view payload, const SigningKey& key) {
    // nlohmann's objects are sorted by key: the same input gives the same bytes.
    const Json envelope{
        {"payload", to_base64(payload)},
        {"payloadType", payload_type},
        {"signatures", Json::array({{{"keyid", key.verify_key().id()},
                                     {"sig", to_base64(key.sign(encode(payload_type, payload)))}}})}};
    return envelope.dump(1) + "\n";
}

Result<Opened> open_envelope(std::string_view json, std::string_view payload_type,
                             std::span<const VerifyKey> trusted, const std::string& where) {
    if (json.size() > envelope_limit) return no_envelope("it is larger than 4 MiB", where);
    const Json envelope = read_json(json);
    if (!envelope.is_object()) return no_envelope("it is not a JSON object", where);
    const auto type = text_at(envelope, "payloadType");
    if (type != payload_type)
        return fail(Code::invalid, "is a document of type '" + printable(type, shown_limit) + "'", where,
                    std::string(payload_type));
    BULKHEAD_TRY_ASSIGN(auto payload, from_base64(text_at(envelope, "payload"), where + ": payload"));
    const auto signatures = envelope.find("signatures");
    if (signatures == envelope.end() || !signatures->is_array() || signatures->empty() ||
        signatures->size() > most_signatures)
        return fail(Code::refused, "is not signed", where, "a signature by one of: " + ids_of(trusted));
    const auto encoded = encode(type, payload);
    std::string signers;
    for (const auto& signature : *signatures) {
        if (!signature.is_object()) continue;
        const auto id = printable(text_at(signature, "keyid"), shown_limit);
        const auto bytes = from_base64(text_at(signature, "sig"), where);
        for (const auto& key : trusted) {
            if (!bytes || key.id() != id) continue;
            if (!key.verifies(encoded, *bytes))
                return fail(Code::refused, "does not match its signature by " + id, where,
                            "what was signed, to the bit", "fetch it again from whoever signed it");
            return Opened{std::move(payload), key};
        }
        signers.append(signers.empty() ? "" : ", ").append(id);
    }
    return fail(
        Code::refused, "is signed by " + signers + ", which is not trusted here", where,
        trusted.empty() ? "a trusted key, and there is none" : "a signature by one of: " + ids_of(trusted));
}

}  // namespace bulkhead::crypto
