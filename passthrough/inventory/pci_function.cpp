#include "passthrough/inventory/pci_function.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/pci_address.hpp"
#include "passthrough/inventory/pci_names.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

// "10e8" of "0x10e8".
std::string without_prefix(const std::string& number) {
    return number.starts_with("0x") ? number.substr(2) : number;
}

// Bridges and system peripherals are the board; whatever else there is could be given away.
bool is_board(const std::string& class_code) {
    return class_code.starts_with("0x06") || class_code.starts_with("0x08");
}

Device function_at(const Tree& tree, const std::string& address) {
    const auto folder = std::filesystem::path("sys/bus/pci/devices") / address;
    Device found;
    found.kind = Kind::pci;
    found.id = "pci:" + address;
    found.at = address;
    found.node = address;
    found.place = tree.place(folder);
    found.vendor_id = without_prefix(tree.attribute(folder / "vendor"));
    found.product_id = without_prefix(tree.attribute(folder / "device"));
    found.driver = tree.link_name(folder / "driver");
    found.group = tree.link_name(folder / "iommu_group");
    const auto class_code = tree.attribute(folder / "class");
    found.title = pci_class(class_code);
    found.board = is_board(class_code);
    for (const auto& method : split_text(tree.attribute(folder / "reset_method"), ' '))
        if (!method.empty()) found.resets.push_back(method);
    return found;
}

void add_names(const Tree& tree, std::vector<Device>& functions) {
    std::set<std::string> ids;
    for (const auto& each : functions) {
        ids.insert(each.vendor_id);
        ids.insert(each.vendor_id + ":" + each.product_id);
    }
    const auto names = pci_names(tree, ids);
    for (auto& each : functions) {
        const auto vendor = names.find(each.vendor_id);
        const auto product = names.find(each.vendor_id + ":" + each.product_id);
        const auto number = each.vendor_id + ":" + each.product_id;
        each.title += ", " + (vendor == names.end() ? number : vendor->second);
        if (vendor != names.end()) each.title += " " + (product == names.end() ? number : product->second);
    }
}

void add_members(std::vector<Device>& functions) {
    std::map<std::string, std::vector<std::string>> members;
    for (const auto& each : functions)
        if (!each.group.empty() && !each.title.starts_with(pci_class("0604")))
            members[each.group].push_back(each.at);
    for (auto& each : functions) {
        if (each.group.empty()) continue;
        each.group_members = members[each.group];
        std::erase(each.group_members, each.at);
    }
}

}  // namespace

std::vector<Device> pci_functions(const Tree& tree) {
    std::vector<Device> functions;
    for (const auto& address : tree.names("sys/bus/pci/devices"))
        if (model::is_pci_address(address)) functions.push_back(function_at(tree, address));
    add_members(functions);
    add_names(tree, functions);
    return functions;
}

}  // namespace bulkhead::passthrough::inventory
