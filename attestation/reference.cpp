#include "attestation/reference.hpp"

#include <nlohmann/json.hpp>

#include "crypto/digest.hpp"

namespace bulkhead::attestation {
namespace {

using nlohmann::json;
constexpr std::size_t json_limit = std::size_t{1024} * 1024;

std::unexpected<Error> wrong(const std::string& path, const std::string& where, const char* wanted) {
    return fail(Code::invalid, "reference values are wrong at " + path, where, wanted);
}

Result<std::string> digest_in(const json& value, const std::string& path, const std::string& where) {
    if (!value.is_string() || !crypto::is_sha256(value.get_ref<const std::string&>()))
        return wrong(path, where, "64 digits of 0-9 and a-f");
    return value.get<std::string>();
}

Result<std::map<std::string, std::set<std::string>>> sets_in(const json& value, const std::string& path,
                                                             const std::string& where) {
    if (!value.is_object()) return wrong(path, where, "an object of lists of digests");
    std::map<std::string, std::set<std::string>> sets;
    for (const auto& [name, digests] : value.items()) {
        if (!digests.is_array()) return wrong(path + "." + name, where, "a list of digests");
        auto& set = sets[name];
        for (const json& one : digests) {
            BULKHEAD_TRY_ASSIGN(std::string digest, digest_in(one, path + "." + name, where));
            set.insert(std::move(digest));
        }
    }
    return sets;
}

Result<std::map<std::string, std::string>> digests_in(const json& value, const std::string& path,
                                                      const std::string& where) {
    if (!value.is_object()) return wrong(path, where, "an object of digests");
    std::map<std::string, std::string> digests;
    for (const auto& [name, one] : value.items()) {
        BULKHEAD_TRY_ASSIGN(digests[name], digest_in(one, path + "." + name, where));
    }
    return digests;
}

}  // namespace

std::string to_json(const References& references) {
    return json{{"host", references.host},
                {"platform", references.platform},
                {"images", references.images},
                {"argv", references.argv}}
        .dump(2);
}

Result<References> references_from_json(std::string_view text, const std::string& where) {
    if (text.size() > json_limit) return fail(Code::invalid, "reference values are larger than 1 MiB", where);
    // Four levels are all there can be; a deeper one would cost the parser its stack.
    const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= 4; };
    const json root = json::parse(text, shallow, false);
    if (root.is_discarded() || !root.is_object())
        return fail(Code::invalid, "reference values are no JSON", where);
    for (const auto& [name, unused] : root.items())
        if (name != "host" && name != "platform" && name != "images" && name != "argv")
            return fail(Code::invalid, "reference values have an unknown key '" + name + "'", where,
                        "host, platform, images, argv");
    References references;
    BULKHEAD_TRY_ASSIGN(references.host, sets_in(root.value("host", json::object()), "host", where));
    BULKHEAD_TRY_ASSIGN(references.platform,
                        sets_in(root.value("platform", json::object()), "platform", where));
    BULKHEAD_TRY_ASSIGN(references.argv, digests_in(root.value("argv", json::object()), "argv", where));
    const json images = root.value("images", json::object());
    if (!images.is_object()) return wrong("images", where, "an object of images");
    for (const auto& [image, facts] : images.items()) {
        BULKHEAD_TRY_ASSIGN(references.images[image], digests_in(facts, "images." + image, where));
    }
    return references;
}

}  // namespace bulkhead::attestation
