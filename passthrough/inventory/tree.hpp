// What the kernel and udev tell of a host in files, read with bounds. What devices say of themselves is in
// there too: it is a stranger's, and made printable.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bulkhead::passthrough::inventory {

class Tree {
  public:
    // `root` is / except in tests. Paths are given without it: sys/class/tty.
    explicit Tree(std::filesystem::path root = "/") : root_(std::move(root)) {}

    // Names in a folder, sorted, at most 4,096; none if it can't be read.
    std::vector<std::string> names(const std::filesystem::path& folder) const;
    bool has(const std::filesystem::path& path) const;
    // The first 64 printable bytes of an attribute; empty if there is none.
    std::string attribute(const std::filesystem::path& file) const;
    // A table of the kernel's, at most 256 KiB, as lines.
    std::vector<std::string> lines(const std::filesystem::path& file) const;
    // The last part of where a link leads: the driver, the group. Empty if there is no link.
    std::string link_name(const std::filesystem::path& link) const;
    std::string link_target(const std::filesystem::path& link) const;
    // Where in the device tree a link of sysfs ends: pci0000:00/0000:00:14.0/usb1/1-2. Empty if it ends
    // elsewhere.
    std::string place(const std::filesystem::path& link) const;
    const std::filesystem::path& root() const { return root_; }

  private:
    std::filesystem::path root_;
};

// The parts of a place, from the root of the bus on.
std::vector<std::string> parts_of(const std::string& place);
// Whether `inner` is the place `outer`, or in it.
bool is_within(const std::string& inner, const std::string& outer);
bool is_usb_port(std::string_view text);       // 1-2.3
bool is_usb_interface(std::string_view text);  // 1-2.3:1.0
// The innermost PCI function or USB interface of a place, or its last part: what its id is made of.
std::string bus_name(const std::string& place);

}  // namespace bulkhead::passthrough::inventory
