// The serial ports that this host has, found without opening any: opening one moves its modem lines, and some
// adapters restart on that.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bulkhead::passthrough {

struct SerialPort {
    std::string node;   // /dev/ttyUSB0: a number in the order of discovery, not a place
    std::string at;     // what a spec should say: by its place on the bus where there is a name
    std::string place;  // in the device tree: pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0
    std::vector<std::string> aliases;  // all stable names, by-path before by-id
    std::string driver;                // empty if unknown
    std::string used_by;               // "minicom (4711)", "kernel console"; empty if free
    bool operator==(const SerialPort&) const = default;
};

// In the order of their nodes. `root` is / except in tests.
std::vector<SerialPort> serial_ports(const std::filesystem::path& root = "/");

}  // namespace bulkhead::passthrough
