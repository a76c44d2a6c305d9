#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::model {

// Bus, and the ports on the way, as the kernel writes them: 1-2.3. No root hub (usb1), no interface
// (1-2.3:1.0).
bool is_usb_port(std::string_view text);

// Who a USB device says it is; both empty: whoever it may be.
struct UsbIdentity {
    std::string vendor;  // four hexadecimal digits, lower case
    std::string product;
    bool operator==(const UsbIdentity&) const = default;
    bool any() const { return vendor.empty(); }
};
std::string to_string(const UsbIdentity& identity);  // 0403:6001; empty for any
Result<UsbIdentity> parse_usb_identity(std::string_view text);
// Four hexadecimal digits in lower case.
bool is_usb_id(std::string_view text);

}  // namespace bulkhead::model
