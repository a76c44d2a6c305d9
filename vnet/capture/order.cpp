#include "vnet/capture/order.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::vnet::capture {
namespace {

constexpr std::size_t address_bytes = 16;
constexpr std::uint64_t longest_seconds = 366 * 86'400;
constexpr std::string_view digits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4U];
        text += digits[value & 0xFU];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() != 2 * address_bytes || text.find_first_not_of(digits) != std::string_view::npos)
        return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(digits.find(text[i]) << 4U | digits.find(text[i + 1]));
    return bytes;
}

std::string to_list(const std::vector<std::string>& addresses) {
    std::string text;
    for (const auto& address : addresses) text += (text.empty() ? "" : ",") + to_hex(address);
    return text.empty() ? "*" : text;
}

std::string line_of(std::string_view word, const Rule& rule) {
    return std::string(word) + " " + std::to_string(rule.transport) + " " + std::to_string(rule.port) + " " +
           to_list(rule.from) + " " + to_list(rule.to) + "\n";
}

using Words = std::vector<std::string>;

Result<std::vector<std::string>> addresses_of(const std::string& list) {
    std::vector<std::string> addresses;
    if (list == "*") return addresses;
    for (const auto& word : split_text(list, ',')) {
        auto address = from_hex(word);
        if (!address) return fail(Code::invalid, "'" + printable(word, 64) + "' is no address");
        addresses.push_back(std::move(*address));
    }
    return addresses;
}

Result<Rule> rule_of(const Words& words) {
    if (words.size() != 5) return fail(Code::invalid, "a rule has a transport, a port and two ends");
    Rule rule;
    BULKHEAD_TRY_ASSIGN(const auto transport, parse_number(words[1], 0, 255));
    BULKHEAD_TRY_ASSIGN(const auto port, parse_number(words[2], 0, 65'535));
    rule.transport = static_cast<std::uint32_t>(transport);
    rule.port = static_cast<std::uint32_t>(port);
    BULKHEAD_TRY_ASSIGN(rule.from, addresses_of(words[3]));
    BULKHEAD_TRY_ASSIGN(rule.to, addresses_of(words[4]));
    return rule;
}

Result<> take_limits(Order& order, const Words& words) {
    if (words.size() != 4) return fail(Code::invalid, "limits are of seconds, packets and bytes");
    BULKHEAD_TRY_ASSIGN(const auto seconds, parse_number(words[1], 1, longest_seconds));
    BULKHEAD_TRY_ASSIGN(order.packets, parse_number(words[2], 1, UINT64_MAX));
    BULKHEAD_TRY_ASSIGN(order.bytes, parse_number(words[3], 1, UINT64_MAX));
    order.seconds = std::chrono::seconds(seconds);
    return {};
}

Result<> take_line(Order& order, const Words& words) {
    if (words.front() == "limits") return take_limits(order, words);
    if (words.front() == "interface" && words.size() == 2) {
        if (order.places.size() == most_places) return fail(Code::invalid, "too many interfaces");
        order.places.push_back({.interface = words[1]});
        return {};
    }
    if (order.places.empty()) return fail(Code::invalid, "an interface comes first");
    auto& place = order.places.back();
    if (words.front() == "all" && words.size() == 1) {
        place.all = true;
        return {};
    }
    if (words.front() != "sent" && words.front() != "delivered")
        return fail(Code::invalid, "'" + printable(words.front(), 32) + "' is not known");
    BULKHEAD_TRY_ASSIGN(auto rule, rule_of(words));
    (words.front() == "sent" ? place.sent : place.delivered).push_back(std::move(rule));
    return {};
}

}  // namespace

std::string to_text(const Order& order) {
    std::string text = "limits " + std::to_string(order.seconds.count()) + " " +
                       std::to_string(order.packets) + " " + std::to_string(order.bytes) + "\n";
    for (const auto& place : order.places) {
        text += "interface " + place.interface + "\n";
        if (place.all) text += "all\n";
        for (const auto& rule : place.sent) text += line_of("sent", rule);
        for (const auto& rule : place.delivered) text += line_of("delivered", rule);
    }
    return text;
}

Result<Order> read_order(std::string_view text) {
    Order order;
    std::size_t number = 0;
    for (const auto& line : split_text(text, '\n')) {
        ++number;
        if (line.empty()) continue;
        if (auto taken = take_line(order, split_text(line, ' ')); !taken) {
            taken.error().where = "order:" + std::to_string(number);
            return std::unexpected(std::move(taken).error());
        }
    }
    if (order.seconds.count() == 0 || order.places.empty())
        return fail(Code::invalid, "an order has limits and an interface", "order");
    return order;
}

}  // namespace bulkhead::vnet::capture
