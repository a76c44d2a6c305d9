#include "partition-manager/lifecycle/guest_configuration.hpp"

#include <algorithm>
#include <set>

#include "model/resources.hpp"

namespace bulkhead::lifecycle {
namespace {

std::set<model::PartitionName> peers_of(const model::Spec& spec, const model::PartitionName& name) {
    std::set<model::PartitionName> peers;
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
std::size_t interface_towards(const model::Partition& partition, const model::Interface& peer) {
    const auto same = std::ranges::find(partition.interfaces, peer.zone, &model::Interface::zone);
    return same == partition.interfaces.end() ? 0
                                              : static_cast<std::size_t>(same - partition.interfaces.begin());
}

void add_peers(const model::Spec& spec, const model::Partition& partition, agent::v1::Configure& out) {
    if (partition.interfaces.empty()) return;
    for (const auto& name : peers_of(spec, partition.name)) {
        const auto* const peer = spec.find(name);
        if (peer == nullptr) continue;
        for (unsigned i = 0; i < peer->interfaces.size(); ++i) {
            const auto on = interface_towards(partition, peer->interfaces[i]);
            auto& neighbour = *out.mutable_interfaces(static_cast<int>(on))->add_neighbours();
            neighbour.set_address(to_string(peer->interfaces[i].address));
            neighbour.set_mac(to_string(model::port_mac(spec.gateway, name, i)));
        }
    }
}

void add_devices(const model::Partition& partition, agent::v1::Configure& out) {
    unsigned can = 0;
    for (std::size_t i = 0; i < partition.devices.size(); ++i) {
        const auto& use = partition.devices[i];
        auto& device = *out.add_devices();
        device.set_name(use.device.str());
        device.set_path(model::guest_serial_path(i));
        device.set_line(to_string(use.line));
        if (use.protocol != model::DeviceProtocol::slcan) continue;
        device.set_can("slcan" + std::to_string(can++));
        device.set_bitrate(use.bitrate);
    }
}

}  // namespace

agent::v1::Configure guest_configuration(const model::Spec& spec, const model::Partition& partition) {
    agent::v1::Configure out;
    out.set_partition(partition.name.str());
    for (unsigned i = 0; i < partition.interfaces.size(); ++i) {
        auto& interface = *out.add_interfaces();
        interface.set_mac(to_string(model::port_mac(spec.gateway, partition.name, i)));
        interface.set_address(address_with_length(spec, partition.interfaces[i]));
    }
    add_peers(spec, partition, out);
    for (const auto& volume : partition.volumes) {
        auto& mounted = *out.add_volumes();
        mounted.set_name(volume.name.str());
        mounted.set_mount(volume.mount);
    }
    add_devices(partition, out);
    if (partition.application) {
        out.mutable_application()->set_path(partition.application->path);
        out.mutable_application()->set_bundle(partition.application->bundle.has_value());
        for (const auto& [key, value] : partition.application->config)
            (*out.mutable_application()->mutable_config())[key] = value;
    }
    return out;
}

}  // namespace bulkhead::lifecycle
