#include "model/can.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::model {
namespace {

constexpr std::uint64_t most_frames = 10'000;  // per second; 1 Mbit/s has fewer

std::string hex(std::uint32_t number) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%x", number);
    return text.data();
}

std::uint32_t all_bits(bool extended) {
    return extended ? longest_extended_id : longest_standard_id;
}

Result<std::uint32_t> parse_hex(std::string_view text, std::uint32_t most) {
    std::uint32_t number = 0;
    const bool prefixed = text.starts_with("0x");
    const auto digits = prefixed ? text.substr(2) : text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (!prefixed || digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
        number > most)
        return fail(Code::invalid, "'" + printable(text, 32) + "' is no identifier of CAN", {},
                    "0x0 to " + hex(most));
    return number;
}

bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word) || text.size() <= word.size() || text[word.size()] != ' ') return false;
    text.remove_prefix(word.size() + 1);
    return true;
}

}  // namespace

bool CanGuard::is_receive_only() const {
    return std::ranges::none_of(allow, &CanRule::send);
}

CanGuard everything_on_the_bus() {
    return {{{.send = true, .receive = true}, {.extended = true, .send = true, .receive = true}}};
}

bool CanGuard::is_everything() const {
    return *this == everything_on_the_bus();
}

bool is_can_place(std::string_view text) {
    constexpr std::string_view also = ":._-";
    constexpr std::size_t longest = 64;
    const auto slash = text.find('/');
    const auto place = text.substr(0, slash);
    const bool is_word = !place.empty() && place.size() <= longest && std::ranges::all_of(place, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               also.find(c) != std::string_view::npos;
    });
    // The kind before it belongs to the id: can:0000:00:08.0.
    if (!is_word || place.starts_with("can:") || place == "." || place == "..") return false;
    return slash == std::string_view::npos || parse_number(text.substr(slash + 1), 0, 255).has_value();
}

std::string to_string(const CanRule& rule) {
    std::string text;
    if (rule.send) text += "send ";
    if (rule.receive) text += "receive ";
    if (rule.extended) text += "extended ";
    text += hex(rule.id);
    if (rule.mask != all_bits(rule.extended)) text += "/" + hex(rule.mask);
    if (rule.rate != 0) text += " at " + std::to_string(rule.rate) + "/s";
    return text;
}

std::string to_string(const CanGuard& guard) {
    std::string text;
    for (const auto& rule : guard.allow) text += (text.empty() ? "" : "; ") + to_string(rule);
    return text;
}

Result<CanRule> parse_can_rule(std::string_view text) {
    CanRule rule;
    rule.send = take_word(text, "send");
    rule.receive = take_word(text, "receive");
    rule.extended = take_word(text, "extended");
    if (!rule.send && !rule.receive)
        return fail(Code::invalid, "'" + printable(text, 64) + "' may be neither sent nor received", {},
                    "send or receive, or both");
    if (const auto at = text.find(" at "); at != std::string_view::npos) {
        auto rate = text.substr(at + 4);
        if (!rate.ends_with("/s"))
            return fail(Code::invalid, "'" + printable(rate, 32) + "' is no rate of frames", {}, "100/s");
        rate.remove_suffix(2);
        BULKHEAD_TRY_ASSIGN(const auto number, parse_number(rate, 1, most_frames));
        rule.rate = static_cast<unsigned>(number);
        text = text.substr(0, at);
    }
    const auto slash = text.find('/');
    BULKHEAD_TRY_ASSIGN(rule.id, parse_hex(text.substr(0, slash), all_bits(rule.extended)));
    rule.mask = all_bits(rule.extended);
    if (slash != std::string_view::npos) {
        BULKHEAD_TRY_ASSIGN(rule.mask, parse_hex(text.substr(slash + 1), all_bits(rule.extended)));
    }
    if ((rule.id & ~rule.mask) != 0)
        return fail(Code::invalid, hex(rule.id) + " has bits that the mask " + hex(rule.mask) + " leaves out",
                    {}, hex(rule.id & rule.mask));
    return rule;
}

Result<CanGuard> parse_can_guard(std::string_view text) {
    CanGuard guard;
    for (const auto& part : split_text(text, ';')) {
        const auto word = trimmed(part);
        if (word.empty()) continue;
        BULKHEAD_TRY_ASSIGN(auto rule, parse_can_rule(word));
        guard.allow.push_back(rule);
    }
    return guard;
}

}  // namespace bulkhead::model
