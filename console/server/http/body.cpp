#include "console/server/http/body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::console::http {
namespace {

// nlohmann keeps the last of equal keys; which of two a proxy before us judged by is unknown, so none is
// taken.
constexpr int deepest = 16;

Result<nlohmann::json> parsed(std::string_view text) {
    std::vector<std::set<std::string>> keys;
    std::string twice;
    bool too_deep = false;
    const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        if (depth > deepest) too_deep = true;
        if (too_deep) return false;
        if (event == nlohmann::json::parse_event_t::object_start) keys.emplace_back();
        if (event == nlohmann::json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        if (event == nlohmann::json::parse_event_t::key && !keys.empty() &&
            !keys.back().insert(value.get_ref<const std::string&>()).second)
            twice = value.get_ref<const std::string&>();
        return true;
    };
    nlohmann::json json = nlohmann::json::parse(text, watch, false);
    if (too_deep) return fail(Code::invalid, "the body is nested too deeply", "body", "a flat object");
    if (json.is_discarded()) return fail(Code::invalid, "the body is no JSON", "body", "a JSON object");
    if (!twice.empty())
        return fail(Code::invalid, "the key '" + printable(twice, 64) + "' stands twice", "body");
    if (!json.is_object()) return fail(Code::invalid, "the body is no JSON object", "body", "{...}");
    return json;
}

std::string listed(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text.empty() ? "no key" : text;
}

}  // namespace

Result<Body> Body::read(std::string_view text, std::initializer_list<std::string_view> known) {
    Body body;
    if (text.empty()) return body;
    BULKHEAD_TRY_ASSIGN(const nlohmann::json json, parsed(text));
    for (const auto& [key, value] : json.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end())
            return fail(Code::invalid, "unknown key '" + printable(key, 64) + "'", "body", listed(known));
        if (value.is_string())
            body.values_.emplace(key, value.get<std::string>());
        else if (value.is_number_unsigned())
            body.values_.emplace(key, value.get<std::uint64_t>());
        else
            return fail(Code::invalid, "'" + key + "' is neither text nor a whole number", "body." + key);
    }
    return body;
}

Result<std::string> Body::optional_text(std::string_view key, std::size_t limit) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::string{};
    const auto where = "body." + std::string(key);
    const auto* text = std::get_if<std::string>(&found->second);
    if (!text) return fail(Code::invalid, "'" + std::string(key) + "' is no text", where, "text");
    if (text->size() > limit)
        return fail(Code::invalid,
                    "'" + std::string(key) + "' has " + std::to_string(text->size()) + " bytes", where,
                    std::to_string(limit) + " bytes at most");
    return *text;
}

Result<std::string> Body::text(std::string_view key, std::size_t limit) const {
    BULKHEAD_TRY_ASSIGN(auto text, optional_text(key, limit));
    if (text.empty())
        return fail(Code::invalid, "'" + std::string(key) + "' is missing or empty",
                    "body." + std::string(key), "text of 1 to " + std::to_string(limit) + " bytes");
    return text;
}

Result<std::uint64_t> Body::number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                   std::uint64_t otherwise) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return otherwise;
    const auto* number = std::get_if<std::uint64_t>(&found->second);
    if (!number || *number < least || *number > most)
        return fail(Code::invalid, "'" + std::string(key) + "' is out of range", "body." + std::string(key),
                    std::to_string(least) + " to " + std::to_string(most));
    return *number;
}

Result<std::string> gateway_of_envelope(std::string_view envelope) {
    const auto wrong = [](std::string what) {
        return fail(Code::invalid, std::move(what), "body", "a desired state in a DSSE envelope",
                    "bulkhead sign makes one");
    };
    BULKHEAD_TRY_ASSIGN(const nlohmann::json json, parsed(envelope));
    const auto payload = json.find("payload");
    if (payload == json.end() || !payload->is_string()) return wrong("the envelope has no payload");
    BULKHEAD_TRY_ASSIGN(const auto inner,
                        crypto::from_base64(payload->get_ref<const std::string&>(), "payload"));
    const nlohmann::json desired = nlohmann::json::parse(inner, nullptr, false);
    if (!desired.is_object()) return wrong("the payload is no JSON object");
    const auto gateway = desired.find("gateway");
    if (gateway == desired.end() || !gateway->is_string()) return wrong("the payload names no gateway");
    return gateway->get<std::string>();
}

}  // namespace bulkhead::console::http
