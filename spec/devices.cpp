#include "model/pci_address.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

model::DeviceKind check_kind(Validation& run, const std::string& path, v1alpha1::DeviceKind kind) {
    if (kind == v1alpha1::DEVICE_KIND_UNSPECIFIED) missing(run.findings, path, "serial or pci");
    return kind == v1alpha1::pci ? model::DeviceKind::pci : model::DeviceKind::serial;
}

bool check_place(Validation& run, const std::string& path, const model::Device& device) {
    if (device.kind == model::DeviceKind::serial)
        return check_absolute_path(run.findings, path, device.at,
                                   "an absolute path without '..', best a /dev/serial/by-path link");
    if (model::is_pci_address(device.at)) return true;
    static constexpr std::string_view wanted =
        "domain, bus, slot and function of a PCI function, such as 0000:00:02.0";
    if (device.at.empty()) {
        missing(run.findings, path, std::string(wanted));
        return false;
    }
    const bool short_form = model::is_pci_address("0000:" + device.at);
    run.findings.add(path, in_quotes(device.at) + " is no PCI address", std::string(wanted),
                     short_form ? "write 0000:" + device.at : "bulkhead get devices shows them");
    return false;
}

}  // namespace

void validate_devices(Validation& run) {
    const auto count = check_count(run.findings, "devices", run.in.devices_size(), most::devices);
    Unique places;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.devices(static_cast<int>(i));
        const std::string path = item("devices", i);
        run.devices.declare(run.findings, path + ".name", in.name());
        const model::Device out{model::DeviceName(in.name()), check_kind(run, path + ".kind", in.kind()),
                                in.at()};
        if (in.kind() != v1alpha1::DEVICE_KIND_UNSPECIFIED && check_place(run, path + ".at", out))
            if (const std::string* first = places.put(in.at(), path + ".at"))
                run.findings.add(path + ".at", in_quotes(in.at()) + " is the place of another device", {},
                                 "mend it here or at " + run.findings.place(*first));
        run.out.devices.push_back(out);
    }
}

}  // namespace bulkhead::spec
