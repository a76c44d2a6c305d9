#include "guest-agent/pci_ports.hpp"

#include <algorithm>
#include <tuple>

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

// Kernels put one to three folders between a function and its ports.
bool is_within(const fs::path& device, const fs::path& function) {
    return std::ranges::mismatch(function, device).in1 == function.end();
}

// ttyS10 comes after ttyS9.
bool comes_before(const fs::path& one, const fs::path& other) {
    const auto place = [](const fs::path& node) { return std::tuple(node.native().size(), node.native()); };
    return place(one) < place(other);
}

}  // namespace

std::vector<fs::path> ports_of(const std::string& address, const fs::path& root) {
    std::vector<fs::path> nodes;
    std::error_code error;
    const auto function = fs::canonical(root / "sys/bus/pci/devices" / address, error);
    if (error) return nodes;
    for (fs::directory_iterator at(root / "sys/class/tty", error), end; !error && at != end;
         at.increment(error)) {
        std::error_code none;  // most ttys are no device's
        const auto device = fs::canonical(at->path() / "device", none);
        if (!none && is_within(device, function)) nodes.push_back(fs::path("/dev") / at->path().filename());
    }
    std::ranges::sort(nodes, comes_before);
    return nodes;
}

}  // namespace bulkhead::agent
