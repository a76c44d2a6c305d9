#include "console/server/http/query.hpp"

#include <charconv>
#include <functional>
#include <limits>
#include <map>

#include "base/text.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t longest_word = 256;
constexpr std::size_t most_labels = 16;
constexpr std::uint64_t largest_page = 1000;

using Taker = std::function<Result<>(const std::string&)>;
using Words = std::map<std::string_view, Taker>;

Result<std::uint64_t> number(const std::string& text, std::string_view name, std::uint64_t least,
                             std::uint64_t most) {
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < least || value > most)
        return fail(Code::invalid, "'" + printable(text, 40) + "' is no number for " + std::string(name),
                    "query." + std::string(name), std::to_string(least) + " to " + std::to_string(most));
    return value;
}

Taker into(std::string* place) {
    return [place](const std::string& value) -> Result<> {
        *place = value;
        return {};
    };
}

Result<> read(const Pairs& query, const Words& words) {
    std::map<std::string, int> seen;
    for (const auto& [name, value] : query) {
        const auto word = words.find(name);
        const auto where = "query." + printable(name, 64);
        if (word == words.end()) {
            std::string known;
            for (const auto& each : words) known += (known.empty() ? "" : ", ") + std::string(each.first);
            return fail(Code::invalid, "unknown parameter '" + printable(name, 64) + "'", where,
                        known.empty() ? "none" : known);
        }
        if (value.size() > longest_word || first_invalid_utf8(value))
            return fail(Code::invalid, "the value is too long or no UTF-8", where,
                        std::to_string(longest_word) + " bytes at most");
        if (++seen[name] > 1 && name != "label")
            return fail(Code::invalid, "'" + name + "' is given twice", where, "once");
        BULKHEAD_TRY(word->second(value));
    }
    return {};
}

template <class Message>
Taker page_size_of(Message& request, void (Message::*setter)(std::uint32_t)) {
    return [&request, setter](const std::string& value) -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto size, number(value, "page_size", 1, largest_page));
        (request.*setter)(static_cast<std::uint32_t>(size));
        return {};
    };
}

Taker label_of(api::ListRequest& request) {
    return [&request](const std::string& value) -> Result<> {
        const auto equals = value.find('=');
        if (equals == 0 || equals == std::string::npos)
            return fail(Code::invalid, "'" + printable(value, 64) + "' is no label", "query.label",
                        "key=value");
        if (static_cast<std::size_t>(request.labels_size()) == most_labels)
            return fail(Code::invalid, "too many labels", "query.label",
                        std::to_string(most_labels) + " at most");
        request.add_labels(value);
        return {};
    };
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned value = 0;
        const auto* digits = text.data() + at + 1;
        if (text[at] == '%' && at + 2 < text.size() &&
            std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
            out += static_cast<char>(value);
            at += 2;
        } else {
            out += text[at] == '+' ? ' ' : text[at];
        }
    }
    return out;
}

}  // namespace

Pairs decode_query(std::string_view target) {
    constexpr std::size_t most_words = 64;
    Pairs pairs;
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return pairs;
    for (const auto& part : split_text(target.substr(mark + 1), '&')) {
        if (part.empty() || pairs.size() == most_words) continue;
        const auto equals = part.find('=');
        const std::string_view text = part;
        pairs.emplace_back(decoded(text.substr(0, equals)),
                           equals == std::string::npos ? std::string{} : decoded(text.substr(equals + 1)));
    }
    return pairs;
}

Result<api::ListRequest> list_request(const Pairs& query) {
    api::ListRequest request;
    BULKHEAD_TRY(read(query, {{"tenant", into(request.mutable_tenant())},
                              {"name", into(request.mutable_name())},
                              {"gateway", into(request.mutable_gateway())},
                              {"site", into(request.mutable_site())},
                              {"label", label_of(request)},
                              {"search", into(request.mutable_search())},
                              {"health", into(request.mutable_health())},
                              {"attestation", into(request.mutable_attestation())},
                              {"sort", into(request.mutable_sort())},
                              {"page_size", page_size_of(request, &api::ListRequest::set_page_size)},
                              {"page_token", into(request.mutable_page_token())}}));
    return request;
}

Result<api::ListEventsRequest> events_request(const Pairs& query) {
    api::ListEventsRequest request;
    BULKHEAD_TRY(read(query, {{"tenant", into(request.mutable_tenant())},
                              {"gateway", into(request.mutable_gateway())},
                              {"partition", into(request.mutable_partition())},
                              {"code", into(request.mutable_code())},
                              {"search", into(request.mutable_search())},
                              {"page_size", page_size_of(request, &api::ListEventsRequest::set_limit)},
                              {"page_token", into(request.mutable_page_token())}}));
    return request;
}

Result<Window> window(const Pairs& query) {
    Window window;
    const auto size = [&](const std::string& value) -> Result<> {
        BULKHEAD_TRY_ASSIGN(window.limit, number(value, "page_size", 1, largest_page));
        return {};
    };
    const auto token = [&](const std::string& value) -> Result<> {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        BULKHEAD_TRY_ASSIGN(window.before, number(value, "page_token", 0, most));
        return {};
    };
    BULKHEAD_TRY(read(query, {{"page_size", size}, {"page_token", token}}));
    return window;
}

Result<LogWindow> log_window(const Pairs& query) {
    LogWindow window;
    const auto lines = [&](const std::string& value) -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto count, number(value, "lines", 1, largest_page));
        window.lines = static_cast<std::uint32_t>(count);
        return {};
    };
    const auto follow = [&](const std::string& value) -> Result<> {
        if (value != "true" && value != "false")
            return fail(Code::invalid, "'" + printable(value, 40) + "'", "query.follow", "true or false");
        window.follow = value == "true";
        return {};
    };
    BULKHEAD_TRY(read(query, {{"lines", lines}, {"follow", follow}}));
    return window;
}

Result<> no_query(const Pairs& query) {
    return read(query, {});
}

}  // namespace bulkhead::console::http
