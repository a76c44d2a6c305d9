#include <algorithm>
#include <map>
#include <string>
#include <utility>

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
        case v1alpha1::can:
            return model::DeviceKind::can;
        case v1alpha1::serial:
            return model::DeviceKind::serial;
        default:
            missing(run.findings, path, "serial, pci, usb or can");
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

bool check_bus(Validation& run, const std::string& path, const std::string& at) {
    if (model::is_can_place(at)) return true;
    static constexpr std::string_view wanted = "where its controller is, such as 0000:00:08.0 or 1-2:1.0";
    if (at.empty())
        missing(run.findings, path, std::string(wanted));
    else
        run.findings.add(
            path, in_quotes(at) + " is no place of a CAN controller", std::string(wanted),
            at.starts_with("can:") ? "write " + at.substr(4) : "bulkhead get devices shows them");
    return false;
}

bool check_place(Validation& run, const std::string& path, const model::Device& device) {
    if (device.kind == model::DeviceKind::serial)
        return check_absolute_path(run.findings, path, device.at,
                                   "an absolute path without '..', best a /dev/serial/by-path link");
    if (device.kind == model::DeviceKind::usb) return check_port(run, path, device.at);
    if (device.kind == model::DeviceKind::can) return check_bus(run, path, device.at);
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

// What a process of ours can be asked by several partitions in turn. All else has one owner.
bool can_be_shared(model::DeviceKind kind) {
    return kind == model::DeviceKind::can || kind == model::DeviceKind::serial;
}

void check_shared(Validation& run, const std::string& path, const model::Device& device) {
    if (device.shared && !can_be_shared(device.kind))
        run.findings.add(
            path,
            "only a serial line and a CAN bus can be shared, and this is " + std::string(what(device.kind)),
            {}, "remove it");
}

// Where each place was named first.
using Places = std::map<std::string, std::pair<const model::Device*, std::string>>;

// A device that may be shared says so, and so does everybody else at its place.
void check_alone(Validation& run, const std::string& path, const model::Device& device, Places& places) {
    const auto [entry, fresh] = places.try_emplace(device.at, &device, path);
    if (fresh) return;
    const auto& [other, place] = entry->second;
    const bool one_line = device.kind == other->kind && can_be_shared(device.kind);
    if (one_line && device.shared && other->shared) return;
    const auto there = run.findings.place(place);
    const auto mend =
        !one_line ? "mend it here or at " + there
        : device.kind == model::DeviceKind::can
            ? "write shared: true at both, here and at " + there
            : "mend it here or at " + there + ", or write shared: true at both: they take turns then";
    run.findings.add(path, in_quotes(device.at) + " is the place of another device", {}, mend);
}

}  // namespace

std::string_view what(model::DeviceKind kind) {
    switch (kind) {
        case model::DeviceKind::serial:
            return "a serial line";
        case model::DeviceKind::pci:
            return "a PCI function";
        case model::DeviceKind::usb:
            return "a USB device";
        case model::DeviceKind::can:
            return "a CAN bus";
    }
    return "a device";
}

void validate_devices(Validation& run) {
    const auto count = check_count(run.findings, "devices", run.in.devices_size(), most::devices);
    Places places;
    run.out.devices.reserve(count);  // places point at them
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.devices(static_cast<int>(i));
        const std::string path = item("devices", i);
        run.devices.declare(run.findings, path + ".name", in.name());
        auto& out = run.out.devices.emplace_back(model::Device{model::DeviceName(in.name()),
                                                               check_kind(run, path + ".kind", in.kind()),
                                                               in.at(),
                                                               {},
                                                               in.shared()});
        if (in.kind() != v1alpha1::DEVICE_KIND_UNSPECIFIED && check_place(run, path + ".at", out))
            check_alone(run, path + ".at", out, places);
        check_expect(run, path + ".expect", in, out);
        check_shared(run, path + ".shared", out);
    }
}

}  // namespace bulkhead::spec
