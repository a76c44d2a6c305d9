#include "passthrough/pci/functions.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/name.hpp"
#include "passthrough/inventory/obstacles.hpp"
#include "passthrough/record.hpp"

namespace bulkhead::passthrough::pci {
namespace {

namespace fs = std::filesystem;

std::string older(const model::Assignment& wanted, const model::Assignment& holds) {
    return "token " + std::to_string(wanted.token) + " is older than " + std::to_string(holds.token) +
           " of partition " + holds.partition.str();
}

// Who shares the group is judged where the whole spec is known; VFIO itself opens no group that is split.
inventory::Claims with_its_group(const model::Assignment& wanted, const inventory::Device& function) {
    inventory::Claims claims;
    const inventory::Claims::Owner owner{wanted.device, wanted.partition};
    claims.owners.emplace(function.id, owner);
    for (const auto& member : function.group_members) claims.owners.emplace("pci:" + member, owner);
    return claims;
}

}  // namespace

bool is_group_open(const fs::path& node) {
    const Fd group(::open(node.c_str(), O_RDWR | O_CLOEXEC));
    return !group && errno == EBUSY;
}

fs::path Functions::record_path(const model::DeviceName& device) const {
    return layout_.pci_records() / device.str();
}

Result<std::optional<Functions::Record>> Functions::recorded(const model::DeviceName& device) const {
    const auto path = record_path(device);
    std::error_code error;
    if (!fs::exists(path, error)) return std::optional<Record>();
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(path, longest_record));
    BULKHEAD_TRY_ASSIGN(auto assignment, decode_record(text, path));
    auto values = record_values(text);
    return Record{std::move(assignment), values["driver"]};
}

Result<> Functions::write(const Record& record) const {
    BULKHEAD_TRY(make_folder(layout_.pci_records(), 0700));
    return write_file_atomically(record_path(record.assignment.device),
                                 encode_record(record.assignment) + "driver " + record.driver + "\n", 0600);
}

fs::path Functions::node_of(const std::string& address) const {
    const auto group = tree_.link_name("sys/bus/pci/devices/" + address + "/iommu_group");
    return group.empty() ? fs::path() : tree_.root() / "dev/vfio" / group;
}

bool Functions::has_node(const std::string& address) const {
    struct stat node{};
    return ::stat(node_of(address).c_str(), &node) == 0 && (qemu_ == 0 || node.st_uid == qemu_);
}

Result<> Functions::give_node(const std::string& address) const {
    const auto node = node_of(address);
    if (has_node(address)) return {};
    if (qemu_ == 0 || ::chown(node.c_str(), qemu_, static_cast<gid_t>(-1)) != 0)
        return fail_errno(qemu_ == 0 ? ENOENT : errno, "QEMU's user can't have the group's node",
                          node.string());
    return {};
}

bool Functions::is_leaving(const std::string& address) const {
    return binding_.is_there(address) && binding_.driver(address).empty() && is_open_(node_of(address));
}

Hold Functions::hold_of(const Record& record) const {
    const auto& address = record.assignment.at;
    Hold hold;
    hold.assignment = record.assignment;
    if (is_leaving(address)) {
        hold.serving = true;  // nothing can be done for it now
        hold.error = "it was pulled out, and partition " + record.assignment.partition.str() +
                     " has what is left of it: restart that once it is back in";
        return hold;
    }
    hold.present = binding_.is_there(address);
    const bool bound = hold.present && binding_.driver(address) == vfio && has_node(address);
    hold.serving = !hold.present || bound;
    if (!hold.present)
        hold.error = "there is no PCI function at " + address;
    else if (!bound && binding_.driver(address).empty())
        hold.error = "it has no driver, and needs vfio-pci";
    else if (!bound)
        hold.error = "its driver is " + binding_.driver(address) + ", not vfio-pci";
    return hold;
}

std::map<model::DeviceName, Hold> Functions::look() const {
    std::map<model::DeviceName, Hold> holds;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(layout_.pci_records(), error)) {
        const std::string name = entry.path().filename();
        if (!is_label(name)) continue;
        const model::DeviceName device(name);
        const auto record = recorded(device);
        if (record && *record) {
            holds.emplace(device, hold_of(**record));
        } else if (!record) {
            Hold hold;
            hold.assignment.device = device;
            hold.assignment.kind = model::DeviceKind::pci;
            hold.error = record.error().text();
            holds.emplace(device, std::move(hold));
        }
    }
    return holds;
}

Result<> Functions::check(const model::Assignment& wanted) const {
    const auto inventory = inventory::look(tree_);
    const auto* function = inventory.find("pci:" + wanted.at);
    if (function == nullptr) return {};
    const auto found = inventory::obstacles(inventory, with_its_group(wanted, *function), *function);
    if (found.empty()) return {};
    return fail(Code::refused, wanted.at + " " + found.front().why, wanted.device.str(), {},
                found.front().mend);
}

Result<> Functions::assign(const model::Assignment& wanted) {
    BULKHEAD_TRY_ASSIGN(const auto former, recorded(wanted.device));
    if (former && former->assignment.token > wanted.token)
        return fail(Code::refused, older(wanted, former->assignment), wanted.device.str(),
                    "the token of the device's latest assignment");
    if (former && former->assignment.at != wanted.at)
        BULKHEAD_TRY(release(wanted.device, former->assignment.token));
    const bool has_it = former && former->assignment.at == wanted.at;
    BULKHEAD_TRY(check(wanted));
    auto driver = binding_.driver(wanted.at);
    // Found with none or with vfio-pci, it is half taken already, or was somebody else's.
    if (driver.empty() || driver == vfio) driver = has_it ? former->driver : std::string();
    BULKHEAD_TRY(write({wanted, driver}));
    if (!binding_.is_there(wanted.at) || is_leaving(wanted.at)) return {};
    BULKHEAD_TRY(binding_.give_to_vfio(wanted.at));
    return give_node(wanted.at);
}

Result<> Functions::release(const model::DeviceName& device, std::uint64_t token) {
    BULKHEAD_TRY_ASSIGN(const auto record, recorded(device));
    if (!record || record->assignment.token > token) return {};
    const auto& address = record->assignment.at;
    if (binding_.is_there(address) && !is_leaving(address))
        BULKHEAD_TRY(binding_.give_back(address, record->driver));
    return remove_file(record_path(device));
}

}  // namespace bulkhead::passthrough::pci
