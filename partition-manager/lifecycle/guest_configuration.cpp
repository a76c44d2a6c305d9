#include "partition-manager/lifecycle/guest_configuration.hpp"

#include <set>

#include "model/resources.hpp"

namespace bulkhead::lifecycle {
namespace {

// The partitions at the other ends of this one's conduits, whoever opens the flow.
std::set<model::PartitionName> peers_of(const model::Spec& spec, const model::Partition& partition) {
    std::set<model::PartitionName> peers;
    for (const auto& conduit : spec.conduits) {
        if (conduit.from == partition.name) peers.insert(conduit.to);
        if (conduit.to == partition.name) peers.insert(conduit.from);
    }
    return peers;
}

}  // namespace

agent::v1::Configure guest_configuration(const model::Spec& spec, const model::Partition& partition) {
    agent::v1::Configure configure;
    configure.set_partition(partition.name.str());
    const auto peers = peers_of(spec, partition);
    for (unsigned i = 0; i < partition.interfaces.size(); ++i) {
        const auto& interface = partition.interfaces[i];
        auto& message = *configure.add_interfaces();
        message.set_mac(to_string(model::port_mac(spec.gateway, partition.name, i)));
        const auto* zone = spec.find(interface.zone);
        message.set_address(to_string(interface.address) + "/" +
                            std::to_string(zone == nullptr ? 32 : zone->subnet.length));
        for (const auto& name : peers) {
            const auto* peer = spec.find(name);
            for (unsigned j = 0; peer != nullptr && j < peer->interfaces.size(); ++j) {
                auto& neighbour = *message.add_neighbours();
                neighbour.set_address(to_string(peer->interfaces[j].address));
                neighbour.set_mac(to_string(model::port_mac(spec.gateway, peer->name, j)));
            }
        }
    }
    for (const auto& volume : partition.volumes) {
        auto& message = *configure.add_volumes();
        message.set_name(volume.name.str());
        message.set_mount(volume.mount);
    }
    unsigned can = 0;
    for (std::size_t i = 0; i < partition.devices.size(); ++i) {
        const auto& use = partition.devices[i];
        auto& message = *configure.add_devices();
        message.set_name(use.device.str());
        message.set_path(model::guest_serial_path(i));
        message.set_line(to_string(use.line));
        if (use.protocol != model::DeviceProtocol::slcan) continue;
        message.set_can("slcan" + std::to_string(can++));
        message.set_bitrate(use.bitrate);
    }
    if (partition.application) {
        auto& application = *configure.mutable_application();
        application.set_path(partition.application->path);
        for (const auto& [key, value] : partition.application->config) (*application.mutable_config())[key] = value;
    }
    return configure;
}

}  // namespace bulkhead::lifecycle
