// The part of the kernel that binds drivers, over a host of files: what is written to its attributes takes
// effect as it would there. Can die at any write.
#pragma once

#include "passthrough/pci/binding.hpp"
#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::passthrough::pci::testing_support {

struct Died {};

class Kernel {
  public:
    explicit Kernel(const inventory::testing_support::Host& host) : host_(host) {}

    Result<> write(const std::filesystem::path& file, std::string_view text);
    // The next write but `writes` throws Died, and takes effect before if `after` it.
    void die(int writes, bool after) {
        left_ = writes;
        after_ = after;
    }
    void live() { left_ = -1; }
    // The driver that takes a function if none is wished for.
    void set_default(const std::string& address, const std::string& driver) { defaults_[address] = driver; }
    std::string driver(const std::string& address) const { return Binding(host_.tree()).driver(address); }

  private:
    void take_effect(const std::filesystem::path& file, const std::string& text);
    void bind(const std::string& address, const std::string& driver) const;
    void unbind(const std::string& address) const;

    const inventory::testing_support::Host& host_;
    std::map<std::string, std::string> defaults_;
    int left_ = -1;
    bool after_ = false;
};

}  // namespace bulkhead::passthrough::pci::testing_support
