#include "tests/passthrough/pci/kernel.hpp"

#include "base/text.hpp"

namespace bulkhead::passthrough::pci::testing_support {

Result<> Kernel::write(const std::filesystem::path& file, std::string_view text) {
    if (!std::filesystem::exists(file)) return fail(Code::io, "no such attribute", file.string());
    const bool dies = left_ == 0;
    if (left_ >= 0) --left_;
    if (dies && !after_) throw Died();
    take_effect(std::filesystem::relative(file, host_.root()), std::string(trimmed(text)));
    if (dies) throw Died();
    return {};
}

void Kernel::take_effect(const std::filesystem::path& file, const std::string& text) {
    const auto name = file.filename();
    if (name == "driver_override") {
        host_.file(file, (text.empty() ? "(null)" : text) + "\n");
    } else if (name == "unbind") {
        unbind(text);
    } else if (name == "drivers_probe") {
        const Binding binding(host_.tree());
        if (!binding.driver(text).empty()) return;
        const auto wanted = binding.wanted_driver(text);
        const auto taker = wanted.empty() ? defaults_[text] : wanted;
        if (!taker.empty() && host_.tree().has("sys/bus/pci/drivers/" + taker)) bind(text, taker);
    }
}

void Kernel::bind(const std::string& address, const std::string& driver) const {
    const auto folder = "sys/bus/pci/devices/" + address;
    host_.link(folder + "/driver", "sys/bus/pci/drivers/" + driver);
    host_.file("sys/bus/pci/drivers/" + driver + "/unbind", "");
    const auto group = host_.tree().link_name(folder + "/iommu_group");
    if (driver == vfio && !group.empty()) host_.file("dev/vfio/" + group, "");
}

void Kernel::unbind(const std::string& address) const {
    const auto folder = "sys/bus/pci/devices/" + address;
    if (host_.tree().link_name(folder + "/driver") == vfio)
        host_.remove("dev/vfio/" + host_.tree().link_name(folder + "/iommu_group"));
    host_.remove(folder + "/driver");
}

}  // namespace bulkhead::passthrough::pci::testing_support
