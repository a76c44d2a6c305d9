#include "spec/desired.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/name.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::spec {
namespace {

using Json = nlohmann::json;

constexpr std::array keys{"apiVersion",   "kind",       "gateway", "generation", "document",
                          "documentName", "references", "permits", "signedAt"};

template <class Set, class Text>
Json array_of(const Set& values, Text text) {
    Json array = Json::array();
    for (const auto& value : values) array.push_back(text(value));
    return array;
}

std::unexpected<Error> wrong(const std::string& what, const std::string& where, const std::string& wanted) {
    return fail(Code::invalid, what, where, wanted, "sign it with: bulkhead sign");
}

Result<std::string> text_at(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        return wrong(std::string("'") + key + "' is missing or no text", where, "text");
    return found->get<std::string>();
}

Result<std::vector<std::string>> texts_at(const Json& object, const char* key, const std::string& where) {
    std::vector<std::string> texts;
    const auto found = object.find(key);
    if (found == object.end()) return texts;
    if (!found->is_array()) return wrong(std::string("'") + key + "' is no list", where, "a list of names");
    for (const auto& value : *found) {
        if (!value.is_string())
            return wrong(std::string("'") + key + "' holds what is no text", where, "names");
        texts.push_back(value.get<std::string>());
    }
    return texts;
}

template <class NameType>
Result<NameType> name_of(const std::string& text, const std::string& where) {
    if (!is_label(text))
        return wrong("'" + text.substr(0, 80) + "' is no name", where, "a DNS label (RFC 1123)");
    return NameType(text);
}

Result<model::Permits> permits_of(const Json& json, const std::string& where) {
    model::Permits permits;
    if (!json.is_object()) return wrong("'permits' is no object", where, "restart, detach and deleteVolumes");
    BULKHEAD_TRY_ASSIGN(const auto restart, texts_at(json, "restart", where));
    for (const auto& text : restart) {
        BULKHEAD_TRY_ASSIGN(const auto name, name_of<model::PartitionName>(text, where));
        permits.restart.insert(name);
    }
    BULKHEAD_TRY_ASSIGN(const auto detach, texts_at(json, "detach", where));
    for (const auto& text : detach) {
        BULKHEAD_TRY_ASSIGN(const auto name, name_of<model::DeviceName>(text, where));
        permits.detach.insert(name);
    }
    BULKHEAD_TRY_ASSIGN(const auto volumes, texts_at(json, "deleteVolumes", where));
    for (const auto& text : volumes) {
        const auto slash = text.find('/');
        BULKHEAD_TRY_ASSIGN(const auto partition,
                            name_of<model::PartitionName>(text.substr(0, slash), where));
        BULKHEAD_TRY_ASSIGN(
            const auto volume,
            name_of<model::VolumeName>(slash == std::string::npos ? "" : text.substr(slash + 1), where));
        permits.delete_volumes.insert({partition, volume});
    }
    return permits;
}

}  // namespace

std::string to_json(const Desired& desired) {
    const auto name = [](const auto& value) { return value.str(); };
    const Json json{{"apiVersion", v1alpha1::api_version},
                    {"kind", "Desired"},
                    {"gateway", desired.gateway.str()},
                    {"generation", desired.generation},
                    {"document", desired.document},
                    {"documentName", desired.document_name},
                    {"references", desired.references},
                    {"permits",
                     {{"restart", array_of(desired.permits.restart, name)},
                      {"detach", array_of(desired.permits.detach, name)},
                      {"deleteVolumes", array_of(desired.permits.delete_volumes, name)}}},
                    {"signedAt", desired.signed_at}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Desired> desired_from_json(std::string_view text, const std::string& where) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return wrong("the signed document is no JSON object", where, "a desired state");
    for (const auto& [key, value] : json.items())
        if (std::ranges::find(keys, key) == keys.end())
            return wrong("unknown key '" + key.substr(0, 60) + "'", where, "a desired state of this version");
    BULKHEAD_TRY_ASSIGN(const auto version, text_at(json, "apiVersion", where));
    BULKHEAD_TRY_ASSIGN(const auto kind, text_at(json, "kind", where));
    if (version != v1alpha1::api_version || kind != "Desired")
        return wrong("is " + version.substr(0, 60) + " " + kind.substr(0, 60), where,
                     std::string(v1alpha1::api_version) + " Desired");
    Desired desired;
    BULKHEAD_TRY_ASSIGN(const auto gateway, text_at(json, "gateway", where));
    BULKHEAD_TRY_ASSIGN(desired.gateway, name_of<model::GatewayName>(gateway, where));
    const auto generation = json.find("generation");
    if (generation == json.end() || !generation->is_number_unsigned() ||
        generation->get<std::uint64_t>() == 0 || generation->get<std::uint64_t>() > INT64_MAX)
        return wrong("'generation' is missing or out of range", where, "a whole number from 1");
    desired.generation = generation->get<std::uint64_t>();
    BULKHEAD_TRY_ASSIGN(desired.document, text_at(json, "document", where));
    BULKHEAD_TRY_ASSIGN(desired.document_name, text_at(json, "documentName", where));
    BULKHEAD_TRY_ASSIGN(desired.references, text_at(json, "references", where));
    BULKHEAD_TRY_ASSIGN(desired.signed_at, text_at(json, "signedAt", where));
    if (const auto permits = json.find("permits"); permits != json.end()) {
        BULKHEAD_TRY_ASSIGN(desired.permits, permits_of(*permits, where));
    }
    return desired;
}

std::string sign_desired(const Desired& desired, const crypto::SigningKey& key) {
    return crypto::sign_envelope(desired_payload_type, to_json(desired), key);
}

Result<Desired> open_desired(std::string_view envelope, std::span<const crypto::VerifyKey> trusted,
                             const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const auto opened,
                        crypto::open_envelope(envelope, desired_payload_type, trusted, where));
    return desired_from_json(opened.payload, where);
}

Result<Desired> peek_desired(std::string_view envelope, const std::string& where) {
    const Json json =
        envelope.size() > crypto::envelope_limit ? Json() : Json::parse(envelope, nullptr, false);
    const auto payload = json.is_object() ? json.find("payload") : json.end();
    if (!json.is_object() || payload == json.end() || !payload->is_string())
        return wrong("it is no signed envelope", where, "what bulkhead sign writes");
    BULKHEAD_TRY_ASSIGN(const auto bytes, crypto::from_base64(payload->get<std::string>(), where));
    return desired_from_json(bytes, where);
}

}  // namespace bulkhead::spec
