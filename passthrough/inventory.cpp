#include "passthrough/inventory.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"

namespace bulkhead::passthrough {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        entries.push_back(at->path());
    std::ranges::sort(entries);
    return entries;
}

fs::path link_of(const fs::path& link) {
    std::error_code error;
    return fs::read_symlink(link, error);
}

std::string text_of(const fs::path& file) {
    const auto text = read_file(file, 4096);
    return text ? std::string(trimmed(*text)) : std::string();
}

// What udev calls each node: name of the node -> stable names.
std::map<std::string, std::vector<std::string>> stable_names(const fs::path& root) {
    std::map<std::string, std::vector<std::string>> names;
    for (const std::string_view folder : {"by-path", "by-id"})
        for (const auto& entry : entries_of(root / "dev/serial" / folder))
            names[link_of(entry).filename()].push_back("/dev/serial/" + std::string(folder) + "/" +
                                                       entry.filename().string());
    return names;
}

// Path of each open terminal -> who has it open.
std::map<std::string, std::string> open_terminals(const fs::path& root) {
    std::map<std::string, std::string> users;
    for (const auto& console : split_text(text_of(root / "sys/class/tty/console/active"), ' '))
        users["/dev/" + console] = "kernel console";
    for (const auto& process : entries_of(root / "proc")) {
        const std::string pid = process.filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        for (const auto& fd : entries_of(process / "fd"))
            if (const std::string target = link_of(fd); target.starts_with("/dev/tty"))
                users.emplace(target, printable(text_of(process / "comm"), 32) + " (" + pid + ")");
    }
    return users;
}

// Ports that a driver reserved and found nothing at (PORT_UNKNOWN of linux/serial_core.h).
bool is_phantom(const fs::path& tty) {
    return text_of(tty / "type") == "0";
}

std::string place_of(const fs::path& tty) {
    std::error_code error;
    const std::string device = fs::weakly_canonical(tty / "device", error);
    const auto start = device.find("/sys/devices/");
    return start == std::string::npos ? std::string() : device.substr(start + 13);
}

}  // namespace

std::vector<SerialPort> serial_ports(const fs::path& root) {
    const auto names = stable_names(root);
    const auto users = open_terminals(root);
    std::vector<SerialPort> ports;
    for (const auto& tty : entries_of(root / "sys/class/tty")) {
        std::error_code error;
        // Consoles, pseudo-terminals and the like have no device.
        if (!fs::exists(tty / "device", error) || is_phantom(tty)) continue;
        const std::string name = tty.filename();
        SerialPort port{.node = "/dev/" + name, .place = place_of(tty)};
        if (const auto found = names.find(name); found != names.end()) port.aliases = found->second;
        port.at = port.aliases.empty() ? port.node : port.aliases.front();
        port.driver = link_of(tty / "device/driver").filename();
        if (const auto found = users.find(port.node); found != users.end()) port.used_by = found->second;
        ports.push_back(std::move(port));
    }
    return ports;
}

}  // namespace bulkhead::passthrough
