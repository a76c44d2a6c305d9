#include "guest-agent/devices.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/stat.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "guest-agent/can_controller.hpp"
#include "guest-agent/can_line.hpp"
#include "guest-agent/device_link.hpp"
#include "guest-agent/network.hpp"
#include "guest-agent/pci_ports.hpp"
#include "guest-agent/usb_device.hpp"

namespace bulkhead::agent {
namespace {

constexpr std::array<std::pair<unsigned, speed_t>, 19> speeds{{{1200, B1200},
                                                               {1800, B1800},
                                                               {2400, B2400},
                                                               {4800, B4800},
                                                               {9600, B9600},
                                                               {19200, B19200},
                                                               {38400, B38400},
                                                               {57600, B57600},
                                                               {115200, B115200},
                                                               {230400, B230400},
                                                               {460800, B460800},
                                                               {500000, B500000},
                                                               {576000, B576000},
                                                               {921600, B921600},
                                                               {1000000, B1000000},
                                                               {1500000, B1500000},
                                                               {2000000, B2000000},
                                                               {3000000, B3000000},
                                                               {4000000, B4000000}}};

// Raw, with the settings of "9600 8N1".
Result<termios> settings_of(const std::string& line) {
    const auto bad = [&line] {
        return fail(Code::invalid, "'" + printable(line, 32) + "' is not a line setting", {}, "9600 8N1");
    };
    const auto words = split_text(line, ' ');
    if (words.size() != 2 || words[1].size() != 3) return bad();
    const auto speed = parse_number(words[0], 1200, 4'000'000);
    const auto known =
        std::ranges::find_if(speeds, [&speed](const auto& entry) { return speed && entry.first == *speed; });
    if (known == speeds.end()) return bad();
    termios settings{};
    ::cfmakeraw(&settings);
    settings.c_cflag = CREAD | CLOCAL | (words[1][0] == '7' ? CS7 : CS8);
    if (words[1][1] != 'N') settings.c_cflag |= PARENB | (words[1][1] == 'O' ? PARODD : 0U);
    if (words[1][2] == '2') settings.c_cflag |= CSTOPB;
    settings.c_cc[VMIN] = 1;
    if (::cfsetspeed(&settings, known->second) != 0) return bad();
    return settings;
}

Result<> set_line(const v1::Device& device) {
    BULKHEAD_TRY_ASSIGN(const termios settings, settings_of(device.line()));
    BULKHEAD_TRY_ASSIGN(const Fd tty, open_file(device.path(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (::tcsetattr(tty.get(), TCSANOW, &settings) != 0)
        return fail_errno("can't set the line", device.path());
    return {};
}

bool may_be_device(const std::string& path) {
    return path.starts_with("/dev/ttyS") && path.find('/', 5) == std::string::npos && path.size() < 16;
}

// A name below sys/bus/pci/devices, and nowhere else: 0000:00:15.0.
bool may_be_function(const std::string& address) {
    return address.size() == 12 && address.find_first_not_of("0123456789abcdef:.") == std::string::npos &&
           address.find("..") == std::string::npos;
}

std::filesystem::path folder_of(const v1::Device& device) {
    return std::filesystem::path("/sys/bus/pci/devices") / device.pci();
}

}  // namespace

// What drives it is the image's business; a serial port gets its name, a CAN controller alone is worked by
// us.
Result<> Devices::set_up_function(const v1::Device& device) {
    if (!may_be_function(device.pci()))
        return fail(Code::refused, "'" + printable(device.pci(), 64) + "' is no PCI function", device.name());
    if (device.bitrate() == 0) {
        // The first port has the name; the others of a card have none that is theirs for sure.
        const auto ports = ports_of(device.pci());
        return ports.empty() ? Result<>() : lead_to(device.name(), ports.front());
    }
    const auto interfaces = can_interfaces_of(device.pci());
    if (interfaces.empty())
        return fail(Code::unavailable, "no CAN interface is at " + device.pci(), device.name(),
                    "a CAN controller that this image has a driver for");
    for (const auto& interface : interfaces) BULKHEAD_TRY(start_can(interface, device.bitrate()));
    return {};
}

std::string Devices::name_of(const v1::Device& device) const {
    if (!device.can().empty()) return device.can();
    if (device.usb() != 0) return device_link(device.name());
    if (device.pci().empty()) return device.path();
    if (device.bitrate() == 0)
        return ports_of(device.pci()).empty() ? device.pci() : device_link(device.name()).string();
    const auto interfaces = can_interfaces_of(device.pci());
    return interfaces.empty() ? device.pci() : interfaces.front();
}

Result<> Devices::set_up(const v1::Device& device) {
    if (!device.pci().empty()) return set_up_function(device);
    if (device.usb() != 0) {
        look_after(device);  // it may come later
        return {};
    }
    if (!may_be_device(device.path()))
        return fail(Code::refused, "'" + printable(device.path(), 64) + "' is no serial line", device.name());
    if (can_lines_.contains(device.name())) return {};
    BULKHEAD_TRY(set_line(device));
    if (device.can().empty()) return {};
    BULKHEAD_TRY_ASSIGN(Fd line, attach_can(device.path(), device.can(), device.bitrate()));
    // Before it is up: if that fails, dropping the line takes the interface away again.
    BULKHEAD_TRY(bring_up(device.can()));
    can_lines_.emplace(device.name(), std::move(line));
    return {};
}

Result<> Devices::open_again(const v1::Device& device) {
    if (!can_lines_.contains(device.name())) return {};
    BULKHEAD_TRY(bring_down(device.can()));
    return bring_up(device.can());
}

void Devices::look_after(const v1::Device& device) {
    if (device.usb() == 0) return;
    if (const auto linked = link_usb_device(device.name(), device.usb()); !linked)
        log::warning("a USB device has no name", {{"error", linked.error().text()}});
}

bool Devices::present(const v1::Device& device) const {
    std::error_code error;
    if (!device.pci().empty()) return std::filesystem::exists(folder_of(device), error);
    if (device.usb() != 0) return !usb_node(device.usb()).empty();
    if (!device.can().empty()) return ::if_nametoindex(device.can().c_str()) != 0;
    struct stat state{};
    return ::stat(device.path().c_str(), &state) == 0 && S_ISCHR(state.st_mode);
}

}  // namespace bulkhead::agent
