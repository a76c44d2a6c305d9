#include "partition-manager/daemon/diagnosis.hpp"

#include "bulkhead/v1alpha1/api_version.hpp"
#include "passthrough/inventory/obstacles.hpp"

namespace bulkhead::daemon {
namespace {

void add(v1alpha1::Diagnosis& diagnosis, std::string name, v1alpha1::Capability::Verdict verdict,
         std::string detail, std::string mend) {
    auto& item = *diagnosis.add_items();
    item.set_name(std::move(name));
    item.set_verdict(verdict);
    item.set_detail(std::move(detail));
    item.set_mend(std::move(mend));
}

v1alpha1::Capability::Verdict verdict_of(hypervisor::Verdict verdict) {
    switch (verdict) {
        case hypervisor::Verdict::good:
            return v1alpha1::Capability::yes;
        case hypervisor::Verdict::limited:
            return v1alpha1::Capability::no;
        case hypervisor::Verdict::missing:
            return v1alpha1::Capability::missing;
    }
    return v1alpha1::Capability::missing;
}

v1alpha1::Capability::Verdict verdict_of(const vnet::Feature& feature) {
    if (feature.present) return v1alpha1::Capability::yes;
    return feature.needed ? v1alpha1::Capability::missing : v1alpha1::Capability::no;
}

// Whether CAN buses can be mediated.
void add_can(v1alpha1::Diagnosis& diagnosis, const passthrough::inventory::Inventory& inventory) {
    const auto lacks = passthrough::inventory::lacks_of_can(inventory);
    if (!lacks.empty())
        return add(diagnosis, "CAN", v1alpha1::Capability::no,
                   lacks.front().why + ": no CAN bus can be mediated", lacks.front().mend);
    // libvirt may be set up to confine nothing, so no plan is refused for it.
    if (inventory.can_denied)
        return add(diagnosis, "CAN", v1alpha1::Capability::no,
                   "AppArmor lets QEMU have no CAN socket: a partition on a mediated CAN bus does not start",
                   "write 'network can raw,' into /etc/apparmor.d/local/abstractions/libvirt-qemu");
    add(diagnosis, "CAN", v1alpha1::Capability::yes, "CAN buses can be mediated", {});
}

// Whether PCI functions can be given away, and each serial port.
void add_devices(v1alpha1::Diagnosis& diagnosis, const passthrough::inventory::Inventory& inventory) {
    if (!inventory.iommu)
        add(diagnosis, "IOMMU", v1alpha1::Capability::no, "no IOMMU: no PCI function can be assigned",
            "turn on VT-d in the firmware and boot with intel_iommu=on");
    else if (!inventory.vfio)
        add(diagnosis, "IOMMU", v1alpha1::Capability::no, "the kernel has no driver vfio-pci",
            "modprobe vfio-pci");
    else
        add(diagnosis, "IOMMU", v1alpha1::Capability::yes, "PCI functions can be assigned", {});
    for (const auto& port : inventory.devices)
        if (port.kind == passthrough::inventory::Kind::serial)
            add(diagnosis, "serial " + port.at, v1alpha1::Capability::yes,
                port.node + (port.used_by.empty() ? ", free" : ", used by " + port.used_by), {});
}

}  // namespace

std::map<std::string, std::string> state_of_images(const model::Layout& layout, const Clock& clock) {
    std::map<std::string, std::string> found;
    images::ImageStore own(layout.images, clock);
    if (const auto sound = own.verified())
        for (const auto& [name, image] : *sound) found[name.str()] = {};
    for (const auto& [name, error] : own.refused()) found[name.str()] = error.text();
    return found;
}

v1alpha1::Diagnosis Diagnosis::run() const {
    v1alpha1::Diagnosis diagnosis;
    diagnosis.set_apiversion(v1alpha1::api_version);
    for (auto& item : sources_.hypervisor())
        add(diagnosis, std::move(item.name), verdict_of(item.verdict), std::move(item.detail),
            std::move(item.mend));
    for (auto& feature : sources_.vnet())
        add(diagnosis, std::move(feature.name), verdict_of(feature), std::move(feature.detail),
            std::move(feature.mend));
    for (const auto& [name, trouble] : sources_.images())
        add(diagnosis, "image " + name,
            trouble.empty() ? v1alpha1::Capability::yes : v1alpha1::Capability::missing,
            trouble.empty() ? "all parts match the manifest" : trouble,
            trouble.empty() ? "" : "make it again with images/build");
    const auto tpm = sources_.tpm();
    add(diagnosis, "tpm", tpm.empty() ? v1alpha1::Capability::no : v1alpha1::Capability::yes,
        tpm.empty() ? "no TPM on this host: nothing is measured, attestation stays unknown" : tpm,
        tpm.empty() ? "enable the TPM in the firmware, or name one: bulkheadd --tpm" : "");
    add_devices(diagnosis, *sources_.inventory());
    add_can(diagnosis, *sources_.inventory());
    return diagnosis;
}

}  // namespace bulkhead::daemon
