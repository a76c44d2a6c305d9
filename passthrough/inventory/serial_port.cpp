#include "passthrough/inventory/serial_port.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "model/pci_address.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

// What udev calls each node: name of the node -> stable names.
std::map<std::string, std::vector<std::string>> stable_names(const Tree& tree) {
    std::map<std::string, std::vector<std::string>> names;
    for (const std::string folder : {"by-path", "by-id"})
        for (const auto& name : tree.names("dev/serial/" + folder))
            names[tree.link_name("dev/serial/" + folder + "/" + name)].push_back("/dev/serial/" + folder +
                                                                                 "/" + name);
    return names;
}

// Path of each open terminal -> who has it open.
std::map<std::string, std::string> open_terminals(const Tree& tree) {
    std::map<std::string, std::string> users;
    for (const auto& console : split_text(tree.attribute("sys/class/tty/console/active"), ' '))
        users["/dev/" + console] = "kernel console";
    for (const auto& pid : tree.names("proc")) {
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto fds = "proc/" + pid + "/fd";
        for (const auto& fd : tree.names(fds))
            if (const auto target = tree.link_target(fds + "/" + fd); target.starts_with("/dev/tty"))
                users.emplace(target,
                              tree.attribute("proc/" + pid + "/comm").substr(0, 32) + " (" + pid + ")");
    }
    return users;
}

// Ports that a driver reserved and found nothing at (PORT_UNKNOWN of linux/serial_core.h).
bool is_phantom(const Tree& tree, const std::string& tty) {
    return tree.attribute("sys/class/tty/" + tty + "/type") == "0";
}

// Drivers of Linux that set rs485_config. The 8250 ones of UARTs that have no such switch do not.
constexpr std::array<std::string_view, 8> switching{"8250_exar",   "exar_serial",   "8250_fintek",
                                                    "fintek_8250", "8250_pci1xxxx", "pci1xxxxuart",
                                                    "dw-apb-uart", "sc16is7xx"};

Rs485 rs485_of(const Device& port) {
    if (std::ranges::find(switching, port.driver) != switching.end()) return Rs485::driver;
    return is_usb_interface(bus_name(port.place)) ? Rs485::adapter : Rs485::none;
}

// Of the port itself, or, since Linux 6.8, of the device above the port that the serial core puts between
// them.
std::string driver_of(const Tree& tree, const std::string& tty) {
    auto folder = std::filesystem::path("sys/devices") / tree.place("sys/class/tty/" + tty + "/device");
    for (int level = 0; level < 3; ++level, folder = folder.parent_path()) {
        const auto driver = tree.link_name(folder / "driver");
        if (!driver.empty() && driver != "port" && driver != "ctrl") return driver;
    }
    return {};
}

std::string title_of(const Device& port) {
    const auto bus = bus_name(port.place);
    if (is_usb_interface(bus)) return "serial port of USB device " + bus.substr(0, bus.find(':'));
    if (model::is_pci_address(bus)) return "serial port of PCI function " + bus;
    return "serial port of the board";
}

// Ports of one adapter are told apart by their order in it.
void number_ports(std::vector<Device>& ports) {
    std::map<std::string, unsigned> count;
    for (const auto& port : ports) ++count[port.id];
    std::map<std::string, unsigned> next;
    for (auto& port : ports)
        if (const auto bare = port.id; count[bare] > 1) port.id += "/" + std::to_string(next[bare]++);
}

// ttyUSB2 before ttyUSB10.
bool in_order(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::vector<Device> serial_ports(const Tree& tree) {
    const auto names = stable_names(tree);
    const auto users = open_terminals(tree);
    auto ttys = tree.names("sys/class/tty");
    std::ranges::sort(ttys, in_order);
    std::vector<Device> ports;
    for (const auto& tty : ttys) {
        // Consoles, pseudo-terminals and the like have no device.
        if (!tree.has("sys/class/tty/" + tty + "/device") || is_phantom(tree, tty)) continue;
        Device port;
        port.kind = Kind::serial;
        port.node = "/dev/" + tty;
        port.place = tree.place("sys/class/tty/" + tty + "/device");
        port.id = "serial:" + bus_name(port.place);
        if (const auto found = names.find(tty); found != names.end()) port.aliases = found->second;
        port.at = port.aliases.empty() ? port.node : port.aliases.front();
        port.driver = driver_of(tree, tty);
        port.rs485 = rs485_of(port);
        port.title = title_of(port);
        if (const auto found = users.find(port.node); found != users.end()) port.used_by = found->second;
        ports.push_back(std::move(port));
    }
    number_ports(ports);
    return ports;
}

}  // namespace bulkhead::passthrough::inventory
