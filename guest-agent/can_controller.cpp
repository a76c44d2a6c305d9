#include "guest-agent/can_controller.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "guest-agent/can_bitrate.hpp"
#include "guest-agent/network.hpp"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view can_type = "280";  // ARPHRD_CAN

std::string attribute(const fs::path& file) {
    const auto text = read_file(file, 4096);
    return text ? std::string(trimmed(*text)) : std::string();
}

bool is_up(const std::string& interface) {
    const auto flags = attribute(fs::path("/sys/class/net") / interface / "flags");
    return !flags.empty() && std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> can_interfaces_of(const std::string& address) {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(fs::path("/sys/bus/pci/devices") / address / "net", error))
        if (attribute(entry.path() / "type") == can_type) found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
}

Result<> start_can(const std::string& interface, unsigned bitrate) {
    // The rate of one that is up can't be set: it was us who brought it up.
    if (is_up(interface)) return {};
    BULKHEAD_TRY(set_bitrate(interface, bitrate));
    return bring_up(interface);
}

}  // namespace bulkhead::agent
