#include "passthrough/inventory/pci_names.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

constexpr std::size_t list_limit = 8 * 1024 * 1024;
constexpr std::size_t longest_name = 64;

// PCI Code and ID Assignment Specification 1.15, section 1: what a gateway is likely to hold.
constexpr std::array<std::pair<std::string_view, std::string_view>, 37> classes{
    {{"0100", "SCSI controller"},
     {"0101", "IDE controller"},
     {"0104", "RAID controller"},
     {"0106", "SATA controller"},
     {"0107", "SAS controller"},
     {"0108", "NVMe controller"},
     {"01", "storage controller"},
     {"0200", "Ethernet controller"},
     {"0280", "network controller"},
     {"02", "network controller"},
     {"0300", "VGA controller"},
     {"03", "display controller"},
     {"0403", "audio device"},
     {"04", "multimedia device"},
     {"05", "memory controller"},
     {"0600", "host bridge"},
     {"0601", "ISA bridge"},
     {"0604", "PCI bridge"},
     {"06", "bridge"},
     {"0700", "serial controller"},
     {"0702", "multiport serial controller"},
     {"07", "communication controller"},
     {"0806", "IOMMU"},
     {"08", "system peripheral"},
     {"09", "input device"},
     {"0b", "processor"},
     {"0c00", "FireWire controller"},
     {"0c03", "USB controller"},
     {"0c05", "SMBus"},
     {"0c09", "CAN controller"},
     {"0c", "serial bus controller"},
     {"0d", "wireless controller"},
     {"0e", "intelligent controller"},
     {"10", "encryption controller"},
     {"11", "signal processing controller"},
     {"12", "processing accelerator"},
     {"13", "instrumentation"}}};

// One pass over the list: a vendor's line begins with its number, a product's with a tab and its number, what
// has two tabs are subsystems. Classes come last.
class Reader {
  public:
    explicit Reader(const std::set<std::string>& ids) : ids_(ids) {}

    void line(std::string_view text) {
        if (text.empty() || text.front() == '#' || text.starts_with("\t\t")) return;
        if (text.front() == '\t')
            put(vendor_ + ":" + std::string(text.substr(1, 4)), text.substr(1));
        else
            put(vendor_ = std::string(text.substr(0, 4)), text);
    }
    std::map<std::string, std::string> take() { return std::move(found_); }

  private:
    void put(const std::string& id, std::string_view text) {
        if (text.size() > 6 && ids_.contains(id))
            found_.emplace(id, printable(trimmed(text.substr(4)), longest_name));
    }

    const std::set<std::string>& ids_;
    std::string vendor_;
    std::map<std::string, std::string> found_;
};

}  // namespace

std::map<std::string, std::string> pci_names(const Tree& tree, const std::set<std::string>& ids) {
    Reader reader(ids);
    for (const char* file : {"usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"}) {
        const auto text = read_file(tree.root() / file, list_limit);
        if (!text) continue;
        for (std::string_view rest = *text; !rest.empty();) {
            const auto end = rest.find('\n');
            reader.line(rest.substr(0, end));
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        break;
    }
    return reader.take();
}

std::string pci_class(std::string_view code) {
    if (code.starts_with("0x")) code.remove_prefix(2);
    for (const std::size_t digits : {4U, 2U})
        for (const auto& [known, name] : classes)
            if (known.size() == digits && code.starts_with(known)) return std::string(name);
    return "PCI device";
}

}  // namespace bulkhead::passthrough::inventory
