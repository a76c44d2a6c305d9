#include "model/usb_port.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bulkhead::model {
namespace {

// USB 2.0, 4.1.1: at most five hubs between a device and the root.
constexpr std::size_t deepest = 6;

// From 1, without leading zeros; a hub has at most 255 ports.
bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 3 && text.front() != '0' &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_usb_port(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || !is_number(text.substr(0, dash))) return false;
    const auto ports = split_text(text.substr(dash + 1), '.');
    return ports.size() <= deepest && std::ranges::all_of(ports, is_number);
}

bool is_usb_id(std::string_view text) {
    return text.size() == 4 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string to_string(const UsbIdentity& identity) {
    return identity.any() ? std::string() : identity.vendor + ":" + identity.product;
}

Result<UsbIdentity> parse_usb_identity(std::string_view text) {
    if (text.empty()) return UsbIdentity{};
    const auto colon = text.find(':');
    if (colon != std::string_view::npos && is_usb_id(text.substr(0, colon)) &&
        is_usb_id(text.substr(colon + 1)))
        return UsbIdentity{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
    return fail(Code::invalid, "'" + printable(text, 32) + "' is no identity of a USB device", {},
                "vendor and product, such as 0403:6001");
}

}  // namespace bulkhead::model
