#include <algorithm>

#include "model/pci_address.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

model::DeviceKind check_kind(Validation& run, const std::string& path, v1alpha1::DeviceKind kind) {
    switch (kind) {
        case v1alpha1::pci:
            return model::DeviceKind::pci;
        case v1alpha1::usb:
            return model::DeviceKind::usb;
        case v1alpha1::serial:
            return model::DeviceKind::serial;
        default:
            missing(run.findings, path, "serial, pci or usb");
            return model::DeviceKind::serial;
    }
}

// What people write instead of a port: an interface of it, as lsusb -t and udev have it, or the whole bus.
std::string port_meant(const std::string& at) {
    const auto port = at.substr(0, at.find(':'));
    if (port != at && model::is_usb_port(port)) return "write " + port;
    return "bulkhead get devices shows them";
}

bool check_port(Validation& run, const std::string& path, const std::string& at) {
    if (model::is_usb_port(at)) return true;
    static constexpr std::string_view wanted = "a bus and the ports on the way, such as 1-2.3";
    if (at.empty())
        missing(run.findings, path, std::string(wanted));
    else if (at.starts_with("usb"))
        run.findings.add(path, in_quotes(at) + " is a root hub: all ports of its bus stay with the gateway",
                         std::string(wanted), "name one of its ports; bulkhead get devices shows them");
    else
        run.findings.add(path, in_quotes(at) + " is no USB port", std::string(wanted), port_meant(at));
    return false;
}

bool check_place(Validation& run, const std::string& path, const model::Device& device) {
    if (device.kind == model::DeviceKind::serial)
        return check_absolute_path(run.findings, path, device.at,
                                   "an absolute path without '..', best a /dev/serial/by-path link");
    if (device.kind == model::DeviceKind::usb) return check_port(run, path, device.at);
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

std::string check_usb_id(Validation& run, const std::string& path, const std::string& text) {
    static constexpr std::string_view wanted = "four hexadecimal digits in quotes, as lsusb prints them";
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (model::is_usb_id(lower)) return lower;
    if (text.empty())
        missing(run.findings, path, std::string(wanted));
    else
        run.findings.add(path, in_quotes(text) + " is no number of USB", std::string(wanted), {});
    return {};
}

void check_expect(Validation& run, const std::string& path, const v1alpha1::Device& in, model::Device& out) {
    if (!in.has_expect()) return;
    if (out.kind != model::DeviceKind::usb)
        return run.findings.add(path, "only a USB device says who it is", {}, "remove it");
    out.expect = {check_usb_id(run, path + ".vendor", in.expect().vendor()),
                  check_usb_id(run, path + ".product", in.expect().product())};
}

}  // namespace

void validate_devices(Validation& run) {
    const auto count = check_count(run.findings, "devices", run.in.devices_size(), most::devices);
    Unique places;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.devices(static_cast<int>(i));
        const std::string path = item("devices", i);
        run.devices.declare(run.findings, path + ".name", in.name());
        model::Device out{
            model::DeviceName(in.name()), check_kind(run, path + ".kind", in.kind()), in.at(), {}};
        if (in.kind() != v1alpha1::DEVICE_KIND_UNSPECIFIED && check_place(run, path + ".at", out))
            if (const std::string* first = places.put(in.at(), path + ".at"))
                run.findings.add(path + ".at", in_quotes(in.at()) + " is the place of another device", {},
                                 "mend it here or at " + run.findings.place(*first));
        check_expect(run, path + ".expect", in, out);
        run.out.devices.push_back(std::move(out));
    }
}

}  // namespace bulkhead::spec
