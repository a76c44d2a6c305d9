#include "passthrough/inventory/board.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

constexpr std::string_view root_disk = "the root disk";
constexpr int deepest_stack = 8;  // of disks on disks: RAID, LVM, encryption

// The disks below a block device: itself, or what it is made of. `block` is its folder below sys/.
void add_disks(const Tree& tree, const std::string& block, const std::string& what,
               std::map<std::string, std::string>& disks, int depth = 0) {
    const auto place = tree.place(block);
    if (place.empty() || depth == deepest_stack) return;
    const auto made_of = tree.names("sys/devices/" + place + "/slaves");
    for (const auto& name : made_of) add_disks(tree, "sys/class/block/" + name, what, disks, depth + 1);
    if (made_of.empty() && (what == root_disk || !disks.contains(place))) disks[place] = what;
}

// By number, or by the name that the source has where the file system hides the number (btrfs).
std::string block_of(const Tree& tree, const std::string& number, const std::string& source) {
    const auto by_number = "sys/dev/block/" + number;
    if (tree.has(by_number)) return by_number;
    const auto name = source.substr(source.rfind('/') + 1);
    return source.starts_with("/dev/") ? "sys/class/block/" + name : std::string();
}

}  // namespace

std::vector<Device> gpio_chips(const Tree& tree) {
    std::vector<Device> chips;
    for (const auto& name : tree.names("sys/bus/gpio/devices")) {
        Device chip;
        chip.kind = Kind::gpio;
        chip.node = "/dev/" + name;
        chip.place = tree.place("sys/bus/gpio/devices/" + name);
        const auto parts = parts_of(chip.place);
        // The chip's own name is a number in the order of discovery; what it belongs to is not.
        chip.id = "gpio:" + (parts.size() > 1 ? parts[parts.size() - 2] : name);
        chip.driver = tree.link_name("sys/devices/" + chip.place + "/../driver");
        chip.title = "GPIO chip";
        chips.push_back(std::move(chip));
    }
    std::ranges::sort(chips, {}, &Device::id);
    return chips;
}

std::vector<Device> tpms(const Tree& tree) {
    std::vector<Device> found;
    for (const auto& name : tree.names("sys/class/tpm")) {
        Device tpm;
        tpm.kind = Kind::tpm;
        tpm.node = "/dev/" + name;
        tpm.place = tree.place("sys/class/tpm/" + name + "/device");
        tpm.id = "tpm:" + (tpm.place.empty() ? name : bus_name(tpm.place));
        tpm.driver = tree.link_name("sys/class/tpm/" + name + "/device/driver");
        const auto version = tree.attribute("sys/class/tpm/" + name + "/tpm_version_major");
        tpm.title = "TPM" + (version.empty() ? "" : " " + version);
        found.push_back(std::move(tpm));
    }
    return found;
}

std::map<std::string, std::string> disks_in_use(const Tree& tree) {
    std::map<std::string, std::string> disks;
    // proc(5): 36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw
    for (const auto& line : tree.lines("proc/self/mountinfo")) {
        const auto words = split_text(line, ' ');
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 5 || words.end() - dash < 3) continue;
        const auto& at = words[4];
        const auto block = block_of(tree, words[2], *(dash + 2));
        const auto what = at == "/" ? std::string(root_disk) : "the disk mounted at " + printable(at, 64);
        if (!block.empty()) add_disks(tree, block, what, disks);
    }
    for (const auto& line : tree.lines("proc/swaps"))
        if (line.starts_with("/dev/"))
            add_disks(tree, block_of(tree, "", line.substr(0, line.find_first_of(" \t"))),
                      "the disk swapped to", disks);
    return disks;
}

}  // namespace bulkhead::passthrough::inventory
