// Which driver works a PCI function, and how to change that: the kernel's driver_override, unbind and
// drivers_probe (Documentation/ABI/testing/sysfs-bus-pci). Each step looks first and after: doing all of it
// again does nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::pci {

inline constexpr std::string_view vfio = "vfio-pci";

// Writes to an attribute of sysfs.
using Write = std::function<Result<>(const std::filesystem::path& file, std::string_view text)>;
Result<> write_attribute(const std::filesystem::path& file, std::string_view text);

class Binding {
  public:
    explicit Binding(inventory::Tree tree = inventory::Tree(), Write write = write_attribute)
        : tree_(std::move(tree)), write_(std::move(write)) {}

    bool is_there(const std::string& address) const;
    // Empty: none.
    std::string driver(const std::string& address) const;
    // The one driver that may take it; empty: any.
    std::string wanted_driver(const std::string& address) const;

    // Code::unavailable if the driver does not take it.
    Result<> give_to_vfio(const std::string& address) const;
    // To the driver that had it; empty: to none. One that is not there any more leaves it without.
    Result<> give_back(const std::string& address, const std::string& driver) const;

  private:
    Result<> want(const std::string& address, std::string_view driver) const;
    Result<> unbind(const std::string& address, const std::string& driver) const;
    Result<> probe(const std::string& address) const;
    std::filesystem::path folder(const std::string& address) const;

    inventory::Tree tree_;
    Write write_;
};

}  // namespace bulkhead::passthrough::pci
