#include "partition-manager/lifecycle/guest_configuration.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "model/guest_line.hpp"
#include "model/resources.hpp"

namespace bulkhead::lifecycle {
namespace {

// A place that a partition can talk to.
struct Peer {
    model::ZoneName zone;
    model::Ipv4 address;
    std::optional<model::Ipv6> address6;
    model::Mac mac;
};

std::vector<Peer> places_of(const model::Spec& spec, const model::EndName& name) {
    std::vector<Peer> places;
    if (const auto* partition = spec.find(model::PartitionName(name.str())))
        for (unsigned i = 0; i < partition->interfaces.size(); ++i) {
            const auto& interface = partition->interfaces[i];
            if (interface.mirror) continue;
            places.push_back({interface.zone, interface.address, interface.address6,
                              model::port_mac(spec.gateway, partition->name, i)});
        }
    if (const auto [host, zone] = spec.find_host(name); host != nullptr)
        places.push_back({zone->name, host->address, host->address6, host->mac});
    return places;
}

std::set<model::EndName> peers_of(const model::Spec& spec, const model::EndName& name) {
    std::set<model::EndName> peers;
    for (const auto& conduit : spec.conduits) {
        if (conduit.from == name) peers.insert(conduit.to);
        if (conduit.to == name) peers.insert(conduit.from);
    }
    peers.erase(name);
    return peers;
}

std::string address_with_length(const model::Spec& spec, const model::Interface& interface) {
    const auto* const zone = spec.find(interface.zone);
    const unsigned length = zone == nullptr ? 32 : zone->subnet.length;
    return to_string(interface.address) + "/" + std::to_string(length);
}

// Which of the partition's interfaces reaches the peer's.
std::size_t interface_towards(const model::Partition& partition, const Peer& peer) {
    const auto& interfaces = partition.interfaces;
    auto way = std::ranges::find(interfaces, peer.zone, &model::Interface::zone);
    if (way == interfaces.end()) way = std::ranges::find(interfaces, false, &model::Interface::mirror);
    return static_cast<std::size_t>(way - interfaces.begin());
}

void add_peers(const model::Spec& spec, const model::Partition& partition, agent::v1::Configure& out) {
    for (const auto& name : peers_of(spec, model::EndName(partition.name.str())))
        for (const auto& peer : places_of(spec, name)) {
            const auto on = interface_towards(partition, peer);
            if (on == partition.interfaces.size()) continue;
            auto& interface = *out.mutable_interfaces(static_cast<int>(on));
            auto& neighbour = *interface.add_neighbours();
            neighbour.set_address(to_string(peer.address));
            neighbour.set_mac(to_string(peer.mac));
            if (peer.address6 && partition.interfaces[on].address6)
                interface.add_routes6(to_string(*peer.address6));
        }
}

// Where its zone's router leads, as far as conduits of the partition do.
void add_router(const model::Spec& spec, const model::Partition& partition, std::size_t index,
                agent::v1::Interface& out) {
    const auto& interface = partition.interfaces[index];
    const auto* router = spec.router_of(interface.zone);
    if (router == nullptr) return;
    const auto& zone = *spec.find(interface.zone);
    out.set_gateway(to_string(model::gateway_of(zone.subnet)));
    if (!router->names.empty()) out.set_name_server(out.gateway());
    if (zone.subnet6) out.set_gateway6(to_string(model::gateway_of(*zone.subnet6)));
    std::set<model::Ipv4Prefix> prefixes;
    std::set<model::Ipv6Prefix> prefixes6;
    for (const auto& name : peers_of(spec, model::EndName(partition.name.str())))
        if (const auto* outside = spec.find_outside(name)) {
            prefixes.insert(outside->prefixes.begin(), outside->prefixes.end());
            if (zone.subnet6) prefixes6.insert(outside->prefixes6.begin(), outside->prefixes6.end());
        }
    for (const auto& prefix : prefixes) out.add_routes(to_string(prefix));
    for (const auto& prefix : prefixes6) out.add_outside6(to_string(prefix));
}

void add_devices(const model::Spec& spec, const model::Partition& partition, agent::v1::Configure& out) {
    std::size_t lines = 0;
    std::size_t ports = 0;
    for (std::size_t i = 0; i < partition.devices.size(); ++i) {
        const auto& use = partition.devices[i];
        auto& device = *out.add_devices();
        device.set_name(use.device.str());
        device.set_bitrate(use.bitrate);
        // A mediated bus ends at a controller of the machine's own: the agent brings that up as any other.
        if (const auto kind = spec.kind_of(use.device);
            kind == model::DeviceKind::pci || kind == model::DeviceKind::can) {
            device.set_pci(model::guest_name(spec, partition, i));
            continue;
        }
        if (spec.kind_of(use.device) == model::DeviceKind::usb) {
            device.set_usb(model::guest_usb_port(ports++));
            continue;
        }
        device.set_path(model::guest_serial_path(lines++));
        device.set_line(model::guest_setting(use.line));
        if (use.protocol == model::DeviceProtocol::slcan)
            device.set_can(model::guest_name(spec, partition, i));
    }
}

}  // namespace

agent::v1::Configure guest_configuration(const model::Spec& spec, const model::Partition& partition) {
    agent::v1::Configure out;
    out.set_partition(partition.name.str());
    for (unsigned i = 0; i < partition.interfaces.size(); ++i) {
        auto& interface = *out.add_interfaces();
        interface.set_mac(to_string(model::port_mac(spec.gateway, partition.name, i)));
        if (partition.interfaces[i].mirror) continue;
        interface.set_address(address_with_length(spec, partition.interfaces[i]));
        interface.set_dhcp(partition.interfaces[i].dhcp);
        if (const auto& address6 = partition.interfaces[i].address6)
            interface.set_address6(to_string(*address6) + "/64");
        add_router(spec, partition, i, interface);
    }
    add_peers(spec, partition, out);
    for (const auto& volume : partition.volumes) {
        auto& mounted = *out.add_volumes();
        mounted.set_name(volume.name.str());
        mounted.set_mount(volume.mount);
    }
    add_devices(spec, partition, out);
    if (partition.application) {
        out.mutable_application()->set_path(partition.application->path);
        out.mutable_application()->set_bundle(partition.application->bundle.has_value());
        for (const auto& [key, value] : partition.application->config)
            (*out.mutable_application()->mutable_config())[key] = value;
    }
    return out;
}

}  // namespace bulkhead::lifecycle
