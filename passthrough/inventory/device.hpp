// Something on a bus of the gateway, whoever has it now.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::passthrough::inventory {

enum class Kind { pci, usb, serial, can, gpio, nic, tpm };
std::string_view to_string(Kind kind);

// Who switches an RS-485 line between sending and receiving.
enum class Rs485 {
    driver,   // the kernel's driver, when it is asked (TIOCSRS485)
    adapter,  // not the driver: the adapter's own electronics, if it has such
    none,     // nothing: it is no RS-485 port, or one that a program would have to switch
};

struct Device {
    std::string id;  // kind and place on the bus: the same after every boot, whatever else is plugged in
    Kind kind = Kind::pci;
    std::string at;     // how a spec names it; empty: no spec can
    std::string place;  // in the device tree: pci0000:00/0000:00:14.0/usb1/1-2
    std::string title;  // class, vendor and product, for people
    std::string
        node;  // what the host calls it now: /dev/ttyUSB0, can0, eth1: an order of discovery, not a place
    std::string driver;
    std::string vendor_id;  // of PCI and USB, four hexadecimal digits
    std::string product_id;
    std::string serial_number;               // that a USB device gives itself
    std::string used_by;                     // "minicom (4711)", "kernel console"
    bool board = false;                      // the board's own: a bridge, a hub
    std::string group;                       // of a PCI function: its IOMMU group
    std::vector<std::string> group_members;  // the other functions there, but for bridges, which follow
    std::vector<std::string> resets;         // of a PCI function: flr, pm, bus, ...
    std::vector<std::string> aliases;        // of a serial port: all stable names, by-path before by-id
    Rs485 rs485 = Rs485::none;
    bool carries_host = false;  // of a network card: addresses or routes of the gateway itself stand on it
    bool operator==(const Device&) const = default;
};

}  // namespace bulkhead::passthrough::inventory
