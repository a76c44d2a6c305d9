#include <algorithm>

#include "vnet/bucket.hpp"
#include "vnet/ir.hpp"
#include "vnet/rule_index.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

using model::PortKind;

template <class Name>
std::uint16_t number_of(const std::map<Name, std::uint16_t>& numbers, const Name& name) {
    const auto found = numbers.find(name);
    return found == numbers.end() ? std::uint16_t{0} : found->second;
}

std::vector<switch_address> addresses_of(const model::Port& port) {
    std::vector<switch_address> addresses;
    if (port.address != model::Ipv4{}) addresses.push_back(to_wire(port.address));
    if (port.address6) addresses.push_back(to_wire(*port.address6));
    return addresses;
}

// Addresses of no network beyond a router, however wide that is: this host, loopback, link-local, groups and
// what is reserved (RFC 6890, 2.2).
std::vector<switch_prefix> nowhere() {
    std::vector<switch_prefix> prefixes;
    for (const char* text : {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"})
        prefixes.push_back(to_wire(*model::parse_prefix(text)));
    for (const char* text : {"::/127", "fe80::/10", "ff00::/8"})
        prefixes.push_back(to_wire(*model::parse_prefix6(text)));
    return prefixes;
}

// Fills in one port after the other.
class Ports {
  public:
    Ports(const Network& network, Ir& ir) : network_(network), ir_(ir) {
        for (const auto& [name, placed] : network.ports)
            if (placed.port.kind == PortKind::router && placed.slot != 0)
                routers_.emplace(placed.port.zone, &placed);
    }

    void add(const PlacedPort& placed) {
        const PortKind kind = placed.port.kind;
        if (placed.slot == 0) return;
        if (kind == PortKind::outside) {
            ir_.targets[placed.slot].born = placed.born;  // it is nowhere itself: its zones' routers are
            return add_outside(placed);
        }
        const unsigned ifindex = interface_of(network_, placed);
        if (ifindex != 0 && kind != PortKind::host) add_interface(placed);
        if (kind == PortKind::wire) return;
        add_target(placed, ifindex);
        if (kind == PortKind::mirror || kind == PortKind::guard) return;  // nobody's address
        add_addresses(placed, ifindex);
        add_router_of(placed);
        if (placed.port.rate != 0) ir_.buckets[placed.slot] = bucket_of(placed.port.rate);
        if (kind == PortKind::router) add_zone_networks(placed.port);
        add_quota(placed.port);
    }

  private:
    // The port of the zone's router, null if it has none.
    const PlacedPort* router_of(const model::ZoneName& zone) const {
        const auto found = routers_.find(zone);
        return found == routers_.end() ? nullptr : found->second;
    }

    void add_interface(const PlacedPort& placed) {
        const model::Port& port = placed.port;
        const PlacedPort* router = router_of(port.zone);
        switch_source source{};
        switch_door door{};
        source.slot = door.slot = placed.slot;
        source.kind = door.kind = static_cast<std::uint8_t>(port.kind);
        to_wire(port.mac, source.mac);
        to_wire(port.mac, door.mac);
        if (port.kind != PortKind::wire) {  // its hosts have zones, it has not
            source.tenant = number_of(network_.tenants, port.tenant);
            source.zone = door.zone = number_of(network_.zones, port.zone);
            if (port.address != model::Ipv4{}) source.address = to_wire(port.address);
            if (port.address6) source.address6 = to_wire(*port.address6);
        }
        if (port.kind == PortKind::tap && router != nullptr) {
            source.router = router->slot;
            source.dhcp = port.dhcp ? 1 : 0;
        }
        if (port.kind == PortKind::tap) {
            door.address = source.address;
            door.address6 = source.address6;
        }
        door.anyone = port.kind == PortKind::router ? 1 : 0;
        ir_.sources[placed.ifindex] = source;
        ir_.doors[placed.ifindex] = door;
    }

    void add_target(const PlacedPort& placed, unsigned ifindex) {
        switch_target target{};
        target.ifindex = ifindex;
        target.born = placed.born;
        target.limited = placed.port.rate != 0 ? 1 : 0;
        target.guest = placed.port.kind == PortKind::tap ? 1 : 0;
        target.vlan = static_cast<std::uint16_t>(placed.port.vlan);
        to_wire(placed.port.mac, target.mac);
        const PlacedPort* router = router_of(placed.port.zone);
        if (router != nullptr && placed.port.kind != PortKind::router)
            to_wire(router->port.mac, target.gateway_mac);
        ir_.targets[placed.slot] = target;
    }

    void add_addresses(const PlacedPort& placed, unsigned ifindex) {
        const auto zone = number_of(network_.zones, placed.port.zone);
        const auto vlan = static_cast<std::uint16_t>(placed.port.vlan);
        switch_endpoint endpoint{
            placed.slot, number_of(network_.tenants, placed.port.tenant), zone, {}, vlan};
        switch_arrival arrival{placed.slot, zone, vlan, {}, {}};
        to_wire(placed.port.mac, endpoint.mac);
        to_wire(placed.port.mac, arrival.mac);
        if (ifindex != 0 && placed.port.kind != PortKind::router) {
            ir_.arrivals[{ifindex, switch_mac_as_address(arrival.mac)}] = arrival;
            ir_.arrivals[{ifindex, switch_group_as_address(vlan)}] = arrival;
        }
        for (const switch_address& address : addresses_of(placed.port)) {
            ir_.addresses[address] = endpoint;
            ir_.arrivals[{0, address}] = arrival;
            if (ifindex != 0) ir_.arrivals[{ifindex, address}] = arrival;
        }
        // For layer 2, which taps and hosts alone speak.
        if (ifindex == 0 || placed.port.kind == PortKind::router) return;
        ir_.arrivals[{ifindex, switch_mac_as_address(placed.port.mac.bytes.data())}] = arrival;
        ir_.arrivals.emplace(switch_arrival_key{ifindex, switch_group_as_address(vlan)}, arrival);
    }

    // A port and the router of its zone find each other; one that asks for its addresses may also talk to it.
    void add_router_of(const PlacedPort& placed) {
        const auto zone = number_of(network_.zones, placed.port.zone);
        const PlacedPort* router = router_of(placed.port.zone);
        if (router == nullptr) return;
        switch_zone& entry = ir_.zones[zone];
        entry.router = router->slot;
        if (router == &placed) return;
        ir_.pairs[{placed.slot, router->slot}] = 1;
        ir_.pairs[{router->slot, placed.slot}] = 1;
        if (!placed.port.dhcp) return;
        if (placed.port.address6 && entry.count < SWITCH_MEMBERS) entry.member[entry.count++] = placed.slot;
    }

    // An address of a zone is never outside, even one that nobody has.
    void add_zone_networks(const model::Port& router) {
        for (const auto& prefix : router.prefixes) ir_.outside[to_wire(prefix)] = 0;
        for (const auto& prefix : router.prefixes6) ir_.outside[to_wire(prefix)] = 0;
    }

    // A prefix that two of them have is the first one's, by name; a zone's is nobody's, and so is what no
    // network has.
    void add_outside(const PlacedPort& placed) {
        for (const auto& prefix : nowhere()) ir_.outside[prefix] = 0;
        for (const auto& prefix : placed.port.prefixes) ir_.outside.emplace(to_wire(prefix), placed.slot);
        for (const auto& prefix : placed.port.prefixes6) ir_.outside.emplace(to_wire(prefix), placed.slot);
    }

    void add_quota(const model::Port& port) {
        const auto tenant = number_of(network_.tenants, port.tenant);
        if (tenant == 0 || port.connections == 0) return;
        switch_tenant& entry = ir_.tenants[tenant];
        entry.quota = std::max<std::uint32_t>(entry.quota, port.connections);
    }

    const Network& network_;
    Ir& ir_;
    std::map<model::ZoneName, const PlacedPort*> routers_;
};

Slot slot_of_mirror(const Network& network, const model::PortName& name) {
    const auto found = network.ports.find(name);
    return found == network.ports.end() || found->second.port.kind != PortKind::mirror ? 0
                                                                                       : found->second.slot;
}

}  // namespace

unsigned interface_of(const Network& network, const PlacedPort& placed) {
    if (placed.port.kind != PortKind::host) return placed.ifindex;
    const auto wire = network.ports.find(placed.port.wire);
    return wire == network.ports.end() || wire->second.port.kind != PortKind::wire ? 0 : wire->second.ifindex;
}

Ir compile_ports(const Network& network) {
    Ir ir;
    Ports ports(network, ir);
    for (const auto& [name, placed] : network.ports) ports.add(placed);
    return ir;
}

Slot mirror_of(const Network& network, const model::Rule& rule) {
    return rule.mirror.str().empty() ? 0 : slot_of_mirror(network, rule.mirror);
}

Ir compile(const Network& network) {
    RuleIndex index;
    for (const PlacedRule& rule : network.rules)
        if (const auto keys = keys_of(network, rule.rule))
            index.add(rule, *keys, mirror_of(network, rule.rule));
    return merge(compile_ports(network), index.ir());
}

// The two share pairs, passages and buckets; a pair that both have is the same one.
Ir merge(Ir ports, const Ir& rules) {
    ports.policy = rules.policy;
    ports.rules = rules.rules;
    ports.layer2 = rules.layer2;
    ports.pairs.insert(rules.pairs.begin(), rules.pairs.end());
    ports.passages.insert(rules.passages.begin(), rules.passages.end());
    ports.buckets.insert(rules.buckets.begin(), rules.buckets.end());
    return ports;
}

}  // namespace bulkhead::vnet
