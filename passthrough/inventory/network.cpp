#include "passthrough/inventory/network.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

// ARPHRD_ETHER and ARPHRD_CAN of linux/if_arp.h, IFF_UP of linux/if.h.
constexpr std::string_view ethernet = "1";
constexpr std::string_view can = "280";
constexpr std::string_view own_port = "bhc";  // model::can_port_name()

std::string of(const std::string& interface, const std::string& attribute) {
    return "sys/class/net/" + interface + "/" + attribute;
}

bool is_up(const Tree& tree, const std::string& interface) {
    const auto flags = tree.attribute(of(interface, "flags"));  // 0x1003
    return flags.size() > 2 && std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
}

// Interfaces with addresses or routes of the gateway itself: proc(5), net/route and net/if_inet6.
std::set<std::string> with_addresses(const Tree& tree) {
    std::set<std::string> found;
    for (const auto& line : tree.lines("proc/net/route"))
        if (const auto tab = line.find('\t'); tab != std::string::npos && !line.starts_with("Iface"))
            found.insert(std::string(trimmed(line.substr(0, tab))));
    for (const auto& line : tree.lines("proc/net/if_inet6"))
        // Every interface that is up has a link-local one (scope 20).
        if (const auto words = split_text(line, ' '); words.size() > 5 && words[3] != "20")
            found.insert(words.back());
    return found;
}

// A bridge, bond or VLAN above a card has the card's addresses.
bool carries(const Tree& tree, const std::string& interface, const std::set<std::string>& addressed,
             int depth = 0) {
    static constexpr std::string_view upper = "upper_";
    if (addressed.contains(interface)) return true;
    if (depth == 4) return false;
    for (const auto& name : tree.names("sys/class/net/" + interface))
        if (name.starts_with(upper) && carries(tree, name.substr(upper.size()), addressed, depth + 1))
            return true;
    return false;
}

Device interface_of(const Tree& tree, const std::string& interface, Kind kind) {
    Device found;
    found.kind = kind;
    found.node = interface;
    found.place = tree.place(of(interface, "device"));
    found.driver = tree.link_name(of(interface, "device/driver"));
    found.id = std::string(to_string(kind)) + ":" + (found.place.empty() ? interface : bus_name(found.place));
    return found;
}

// Channels of one controller are told apart by their ports.
void number_channels(const Tree& tree, std::vector<Device>& interfaces) {
    std::map<std::string, unsigned> count;
    for (const auto& each : interfaces) ++count[each.id];
    for (auto& each : interfaces) {
        if (count[each.id] < 2) continue;
        auto port = tree.attribute(of(each.node, "dev_port"));
        if (const auto number = tree.attribute(of(each.node, "dev_id")); port == "0" && number.size() > 2)
            port = number.substr(2);  // 0x1: what drivers used before there were ports
        each.id += "/" + port;
    }
    std::ranges::sort(interfaces, {}, &Device::id);
}

}  // namespace

std::vector<Device> network_cards(const Tree& tree) {
    const auto addressed = with_addresses(tree);
    std::vector<Device> cards;
    for (const auto& interface : tree.names("sys/class/net")) {
        if (tree.attribute(of(interface, "type")) != ethernet || !tree.has(of(interface, "device"))) continue;
        auto card = interface_of(tree, interface, Kind::nic);
        card.title = "network card " + tree.attribute(of(interface, "address"));
        card.carries_host = carries(tree, interface, addressed);
        cards.push_back(std::move(card));
    }
    number_channels(tree, cards);
    return cards;
}

std::vector<Device> can_interfaces(const Tree& tree) {
    std::vector<Device> interfaces;
    for (const auto& name : tree.names("sys/class/net")) {
        if (tree.attribute(of(name, "type")) != can) continue;
        const bool ours = tree.attribute(of(name, "ifalias")).starts_with(can_mark);
        if (ours && name.starts_with(own_port)) continue;
        auto found = interface_of(tree, name, Kind::can);
        found.title = found.place.empty() ? "virtual CAN interface" : "CAN interface";
        if (is_up(tree, name)) found.used_by = ours ? std::string(can_mark) : "the gateway: it is up";
        interfaces.push_back(std::move(found));
    }
    number_channels(tree, interfaces);
    for (auto& each : interfaces) each.at = each.id.substr(each.id.find(':') + 1);
    return interfaces;
}

std::string can_interface_at(const Tree& tree, std::string_view place) {
    for (const auto& each : can_interfaces(tree))
        if (each.at == place) return each.node;
    return {};
}

}  // namespace bulkhead::passthrough::inventory
