// A host as its /sys, /dev and /proc describe it, built in a folder of its own.
#pragma once

#include <filesystem>
#include <string>

#include "passthrough/inventory/inventory.hpp"

namespace bulkhead::passthrough::inventory::testing_support {

class Host {
  public:
    Host();
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    void file(const std::filesystem::path& path, const std::string& text) const;
    // Relative to the root of the host: sys/... -> sys/...
    void link(const std::filesystem::path& path, const std::filesystem::path& target) const;
    void remove(const std::filesystem::path& path) const;

    struct Function {
        std::string ids = "8086:1234";
        std::string class_code = "0xff0000";
        std::string driver;
        std::string group;
        std::string resets;
    };
    // Its place ends with its address: pci0000:00/0000:00:02.0.
    void pci(const std::string& place, const Function& function) const;
    struct Usb {
        std::string ids = "0403:6001";
        std::string product;
        std::string number;
        std::string device_class = "00";
    };
    // Its place ends with its port: pci0000:00/0000:00:05.0/usb1/1-2.
    void usb(const std::string& place, const Usb& device) const;
    void unplug_usb(const std::string& place) const;
    // `at` is the place of what it belongs to.
    void tty(const std::string& name, const std::string& at, const std::string& driver = "") const;
    void interface(const std::string& name, const std::string& at, const std::string& type = "1",
                   const std::string& flags = "0x1002") const;
    // /sys/block/NAME below `at`, with that number.
    void disk(const std::string& name, const std::string& at, const std::string& number) const;
    void mounts(const std::string& mountinfo) const { file("proc/self/mountinfo", mountinfo); }
    void with_iommu() const;
    void with_can() const;

    Tree tree() const { return Tree(root_); }
    Inventory look() const { return inventory::look(tree()); }
    const std::filesystem::path& root() const { return root_; }

  private:
    std::filesystem::path root_;
};

// The gateway that the lab emulates: q35 with VT-d, two Kvaser CAN controllers, a card with two UARTs, two
// equal USB-serial adapters, a card for the management, and its disk at the SATA controller of the chipset.
void make_lab_gateway(const Host& host);

}  // namespace bulkhead::passthrough::inventory::testing_support
