#include "tests/vnet/explain/random_network.hpp"

#include <string>

namespace bulkhead::vnet::test {
namespace {

using model::PortKind;

constexpr std::uint16_t profinet = 0x8892;
constexpr std::uint16_t goose = 0x88b8;

class Maker {
  public:
    Maker(Random& random, const std::vector<unsigned>& interfaces) : random_(random), free_(interfaces) {}

    Network make() {
        const unsigned zones = 2 + below(random_, 3);
        const unsigned wires = below(random_, 3);
        for (unsigned i = 0; i < wires; ++i) add_wire();
        for (unsigned i = 1; i <= zones; ++i) add_zone(i);
        if (chance(random_, 2)) add_outsides();
        if (chance(random_, 3)) add(port(PortKind::mirror, "mirror", 1));
        for (unsigned i = below(random_, 3); i != 0; --i) add_guard();
        const unsigned rules = 1 + below(random_, 16);
        for (unsigned i = 0; i < rules; ++i) add_rule();
        network_.tenants.clear();
        for (unsigned i = 1; i <= 3; ++i)
            network_.tenants[model::TenantName("tenant-" + std::to_string(i))] =
                static_cast<std::uint16_t>(i);
        return network_;
    }

  private:
    model::Port port(PortKind kind, const std::string& name, unsigned zone) {
        model::Port made;
        made.name = model::PortName(name + std::to_string(next_));
        made.kind = kind;
        made.zone = model::ZoneName("zone-" + std::to_string(zone));
        made.tenant = model::TenantName("tenant-" + std::to_string(1 + zone % 3));
        made.mac =
            model::Mac{{2, 0, 0, 0, static_cast<std::uint8_t>(zone), static_cast<std::uint8_t>(next_)}};
        if (chance(random_, 6)) made.connections = 1 + below(random_, 3);
        if (chance(random_, 4)) made.rate = 1'000'000;
        return made;
    }

    model::Ipv4 address(unsigned zone, unsigned host) {
        return model::Ipv4{(10U << 24) | (zone << 8) | host};
    }
    model::Ipv6 address6(unsigned zone, unsigned host) {
        return {{0xfd, 0, 0, static_cast<std::uint8_t>(zone), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                 static_cast<std::uint8_t>(host)}};
    }

    void add(const model::Port& port) {
        const bool has_interface = port.kind != PortKind::host && port.kind != PortKind::outside;
        PlacedPort placed{.port = port, .slot = next_++};
        if (has_interface) {
            if (free_.empty()) return;
            if (!chance(random_, 20)) {  // else it is not there at the moment
                placed.ifindex = free_.back();
                free_.pop_back();
            }
        }
        network_.ports[port.name] = placed;
        if (port.kind == PortKind::guard) guards_.push_back(port.name);
        if (port.kind != PortKind::mirror && port.kind != PortKind::wire && port.kind != PortKind::guard)
            ends_.push_back(port.name);
    }

    void add_wire() {
        auto wire = port(PortKind::wire, "wire", 0);
        wires_.push_back(wire.name);
        add(wire);
    }

    void add_guard() {
        auto guard = port(PortKind::guard, "guard", 0);
        guard.zone = {};
        guard.rate = 0;
        add(guard);
    }

    void give_addresses(model::Port& port, unsigned zone, unsigned host) {
        if (!chance(random_, 5)) port.address = address(zone, host);
        if (port.address == model::Ipv4{} || chance(random_, 2)) port.address6 = address6(zone, host);
    }

    void add_zone(unsigned zone) {
        network_.zones[model::ZoneName("zone-" + std::to_string(zone))] = static_cast<std::uint16_t>(zone);
        const bool routed = chance(random_, 2);
        if (routed) {
            auto router = port(PortKind::router, "router", zone);
            router.address = address(zone, 1);
            router.prefixes = {{address(zone, 0), 24}};
            if (chance(random_, 2)) {
                router.address6 = address6(zone, 1);
                router.prefixes6 = {{address6(zone, 0), 64}};
            }
            add(router);
        }
        const unsigned taps = 1 + below(random_, 3);
        for (unsigned i = 0; i < taps; ++i) {
            auto tap = port(PortKind::tap, "tap", zone);
            give_addresses(tap, zone, 10 + i);
            tap.dhcp = routed && chance(random_, 2);
            add(tap);
        }
        if (wires_.empty() || chance(random_, 2)) return;
        const model::PortName wire = one_of(random_, wires_);
        const unsigned vlan = chance(random_, 2) ? 10 * zone : 0;
        const unsigned hosts = 1 + below(random_, 2);
        for (unsigned i = 0; i < hosts; ++i) {
            auto host = port(PortKind::host, "host", zone);
            give_addresses(host, zone, 100 + i);
            host.wire = wire;
            host.vlan = vlan;
            add(host);
        }
    }

    void add_outsides() {
        auto first = port(PortKind::outside, "near", 0);
        first.zone = {};
        first.prefixes = {{model::Ipv4{192U << 24}, 8}};
        first.prefixes6 = {{model::Ipv6{{0x20, 1}}, 16}};
        add(first);
        auto second = port(PortKind::outside, "far", 0);
        second.zone = {};
        second.prefixes = {{model::Ipv4{(192U << 24) | (168U << 16)}, 16}};
        if (chance(random_, 3)) second.prefixes.push_back({model::Ipv4{}, 0});
        add(second);
    }

    model::Service service() {
        switch (below(random_, 6)) {
            case 0:
                return {model::Transport::icmp, 0};
            case 1:
                return {model::Transport::udp, 514};
            case 2:
                return {model::Transport::udp, 53};
            case 3:
                return {model::Transport::layer2, chance(random_, 2) ? profinet : goose};
            case 4:
                return {model::Transport::tcp, 502};
            default:
                return {model::Transport::tcp, 8883};
        }
    }

    void add_rule() {
        const model::PortName from = one_of(random_, ends_);
        const model::PortName to = one_of(random_, ends_);
        if (from == to) return;
        const auto number = static_cast<RuleNumber>(network_.rules.size() + 1);
        PlacedRule placed;
        placed.rule.from = from;
        placed.rule.to = to;
        placed.rule.service = service();
        if (chance(random_, 4)) placed.rule.rate = 1'000'000;
        if (placed.rule.service.transport == model::Transport::tcp && !guards_.empty() && chance(random_, 2))
            placed.rule.via = one_of(random_, guards_);
        placed.number = number;
        placed.conduit = 1 + below(random_, 4);
        network_.rules.push_back(placed);
    }

    Random& random_;
    std::vector<unsigned> free_;
    unsigned next_ = 1;
    Network network_;
    std::vector<model::PortName> wires_;
    std::vector<model::PortName> ends_;
    std::vector<model::PortName> guards_;
};

}  // namespace

Network random_network(Random& random, const std::vector<unsigned>& interfaces) {
    return Maker(random, interfaces).make();
}

}  // namespace bulkhead::vnet::test
