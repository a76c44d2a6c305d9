#include "guest-agent/usb_device.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "guest-agent/device_link.hpp"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view tty = "tty";

std::string first_of(const fs::path& folder, std::string_view prefix) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (std::string name = at->path().filename(); name.starts_with(prefix)) return name;
    return {};
}

// Of usb-serial's drivers below the interface itself, of cdc_acm's in a folder tty.
std::string tty_of(const fs::path& interface) {
    auto name = first_of(interface, "ttyUSB");
    return name.empty() ? first_of(interface / "tty", tty) : name;
}

std::string tty_within(const fs::path& device, const std::string& name) {
    std::error_code error;
    for (fs::directory_iterator at(device, error), end; !error && at != end; at.increment(error))
        if (at->path().filename().string().starts_with(name + ":"))
            if (auto found = tty_of(at->path()); !found.empty()) return found;
    return {};
}

std::string number_in(const fs::path& file) {
    const auto text = read_file(file, 64);
    const auto number = text ? parse_number(trimmed(*text), 1, 999) : std::unexpected(text.error());
    if (!number) return {};
    std::string digits = std::to_string(*number);
    return std::string(3 - digits.size(), '0') + digits;
}

}  // namespace

fs::path usb_node(unsigned port, const fs::path& root) {
    // The controller's first bus is that of USB 2, its second that of what is faster.
    for (const char* bus : {"1-", "2-"}) {
        const auto name = bus + std::to_string(port);
        const auto device = root / "sys/bus/usb/devices" / name;
        std::error_code error;
        if (!fs::exists(device, error)) continue;
        if (const auto found = tty_within(device, name); !found.empty()) return fs::path("/dev") / found;
        const auto bus_number = number_in(device / "busnum");
        const auto number = number_in(device / "devnum");
        if (!bus_number.empty() && !number.empty()) return fs::path("/dev/bus/usb") / bus_number / number;
    }
    return {};
}

Result<> link_usb_device(const std::string& device, unsigned port, const fs::path& root) {
    return lead_to(device, usb_node(port, root), root);
}

}  // namespace bulkhead::agent
