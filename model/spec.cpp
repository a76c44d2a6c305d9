#include "model/spec.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::model {
namespace {

// Industrial protocols right on Ethernet: IEC 61158 type 10 and 12, IEC 61850-8-1.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 3> ethertypes{
    {{"profinet", 0x8892}, {"goose", 0x88B8}, {"ethercat", 0x88A4}}};

template <class T, class N>
const T* find_named(const std::vector<T>& items, const N& name) {
    const auto found = std::ranges::find(items, name, &T::name);
    return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Partition* Spec::find(const PartitionName& name) const {
    return find_named(partitions, name);
}
const Device* Spec::find(const DeviceName& name) const {
    return find_named(devices, name);
}

DeviceKind Spec::kind_of(const DeviceName& name) const {
    const auto* device = find(name);
    return device == nullptr ? DeviceKind::serial : device->kind;
}

const Zone* Spec::find(const ZoneName& name) const {
    return find_named(zones, name);
}
const Tenant* Spec::find(const TenantName& name) const {
    return find_named(tenants, name);
}

const Uplink* Spec::find(const UplinkName& name) const {
    return find_named(uplinks, name);
}

const Outside* Spec::find_outside(const EndName& name) const {
    return find_named(outsides, name);
}

const Router* Spec::router_of(const ZoneName& name) const {
    for (const auto& router : routers)
        if (std::ranges::find(router.zones, name) != router.zones.end()) return &router;
    return nullptr;
}

std::vector<const Zone*> Spec::zones_of(const EndName& name) const {
    std::vector<const Zone*> in;
    if (const auto* partition = find(PartitionName(name.str())))
        for (const auto& interface : partition->interfaces)
            if (const auto* zone = interface.mirror ? nullptr : find(interface.zone)) in.push_back(zone);
    if (const auto* zone = find_host(name).second) in.push_back(zone);
    return in;
}

std::pair<const WireHost*, const Zone*> Spec::find_host(const EndName& name) const {
    for (const auto& zone : zones)
        if (zone.wire)
            if (const WireHost* host = find_named(zone.wire->hosts, name)) return {host, &zone};
    return {nullptr, nullptr};
}

namespace {

constexpr std::array<std::string_view, 5> level_names{"none", "control", "operations", "dmz", "enterprise"};

}  // namespace

std::string_view to_string(Level level) {
    return level_names.at(static_cast<std::size_t>(level));
}

Result<Level> parse_level(std::string_view text) {
    const auto* found = std::ranges::find(level_names, text);
    if (found == level_names.end() || text == level_names[0])
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not a level", {},
                    "control, operations, dmz or enterprise");
    return static_cast<Level>(found - level_names.begin());
}

std::string to_string(const Service& service) {
    switch (service.transport) {
        case Transport::icmp:
            return "icmp";
        case Transport::tcp:
            return "tcp/" + std::to_string(service.port);
        case Transport::udp:
            return "udp/" + std::to_string(service.port);
        case Transport::layer2:
            for (const auto& [name, ethertype] : ethertypes)
                if (ethertype == service.port) return std::string(name);
            break;
    }
    return "?";
}

Result<Service> parse_service(std::string_view text) {
    if (text == "icmp") return Service{Transport::icmp, 0};
    for (const auto& [name, ethertype] : ethertypes)
        if (text == name) return Service{Transport::layer2, ethertype};
    const auto slash = text.find('/');
    const auto kind = text.substr(0, slash);
    if (slash != std::string_view::npos && (kind == "tcp" || kind == "udp"))
        if (const auto port = parse_number(text.substr(slash + 1), 1, 65535))
            return Service{kind == "tcp" ? Transport::tcp : Transport::udp,
                           static_cast<std::uint16_t>(*port)};
    return fail(Code::invalid, "'" + printable(text, 64) + "' is not something that a conduit can allow", {},
                "tcp/PORT, udp/PORT (1 to 65535), icmp, profinet, goose or ethercat");
}

Result<BundleReference> parse_bundle_reference(std::string_view text) {
    constexpr std::string_view algorithm = "@sha256:";
    const auto at = text.find(algorithm);
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (at != std::string_view::npos && is_label(text.substr(0, at))) {
        const auto digest = text.substr(at + algorithm.size());
        if (digest.size() == 64 && std::ranges::all_of(digest, digit))
            return BundleReference{BundleName(std::string(text.substr(0, at))), std::string(digest)};
    }
    return fail(Code::invalid, "'" + printable(text, 120) + "' is no bundle", {},
                "NAME@sha256: and 64 lower-case hexadecimal digits", "bulkhead bundle inspect prints it");
}

std::string_view to_string(DeviceKind kind) {
    switch (kind) {
        case DeviceKind::serial:
            return "serial";
        case DeviceKind::pci:
            return "pci";
        case DeviceKind::usb:
            return "usb";
        case DeviceKind::can:
            return "can";
    }
    return "serial";
}

std::string_view to_string(OnLoss on_loss) {
    switch (on_loss) {
        case OnLoss::keep:
            return "keep";
        case OnLoss::receive_only:
            return "receive-only";
        case OnLoss::detach:
            return "detach";
    }
    return "keep";
}

Result<OnLoss> parse_on_loss(std::string_view text) {
    for (const auto on_loss : {OnLoss::keep, OnLoss::receive_only, OnLoss::detach})
        if (text == to_string(on_loss)) return on_loss;
    return fail(Code::invalid, "'" + printable(text, 64) + "' is nothing to do with a device", {},
                "keep, receive-only or detach");
}

std::string to_string(const DeviceTerms& terms) {
    return terms.trusted ? "trusted, or else " + std::string(to_string(terms.on_loss)) : "";
}

Result<DeviceTerms> parse_device_terms(std::string_view text) {
    constexpr std::string_view head = "trusted, or else ";
    if (text.empty()) return DeviceTerms{};
    if (!text.starts_with(head))
        return fail(Code::invalid, "'" + printable(text, 64) + "' are no terms of a device", {},
                    std::string(head) + "keep");
    BULKHEAD_TRY_ASSIGN(const OnLoss on_loss, parse_on_loss(text.substr(head.size())));
    return DeviceTerms{true, on_loss};
}

Result<DeviceKind> parse_device_kind(std::string_view text) {
    for (const auto kind : {DeviceKind::serial, DeviceKind::pci, DeviceKind::usb, DeviceKind::can})
        if (text == to_string(kind)) return kind;
    return fail(Code::invalid, "'" + printable(text, 64) + "' is no kind of device", {},
                "serial, pci, usb or can");
}

std::string guest_serial_path(std::size_t index) {
    return "/dev/ttyS" + std::to_string(index + 1);
}

std::string guest_pci_address(std::size_t index) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0000:00:%02x.0",
                  static_cast<unsigned>(first_guest_pci_slot + index));
    return text.data();
}

std::string guest_can_address(std::size_t index) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0000:00:%02x.%x", guest_can_slot, static_cast<unsigned>(index));
    return text.data();
}

unsigned guest_usb_port(std::size_t index) {
    return static_cast<unsigned>(index + 1);
}

std::string guest_name(const Spec& spec, const Partition& partition, std::size_t index) {
    const auto& use = partition.devices[index];
    const auto kind = spec.kind_of(use.device);
    std::size_t of_kind = 0;
    std::size_t of_protocol = 0;
    for (std::size_t i = 0; i < index; ++i) {
        if (spec.kind_of(partition.devices[i].device) == kind) ++of_kind;
        if (partition.devices[i].protocol == use.protocol) ++of_protocol;
    }
    if (kind == DeviceKind::pci) return guest_pci_address(of_kind);
    if (kind == DeviceKind::can) return guest_can_address(of_kind);
    // The one controller's first bus; whoever is faster than USB 2 is at the same port of its second.
    if (kind == DeviceKind::usb) return "usb 1-" + std::to_string(guest_usb_port(of_kind));
    return use.protocol == DeviceProtocol::slcan ? "slcan" + std::to_string(of_protocol)
                                                 : guest_serial_path(of_kind);
}

}  // namespace bulkhead::model
