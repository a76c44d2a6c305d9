// Frames come from guests: whatever the bytes, the interpreter says one of its verdicts, in bounded time, and
// what it remembers stays what it was unless the frame passed or was one of a flow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/text.hpp"
#include "vnet/explain/evaluate.hpp"
#include "vnet/explain/words.hpp"

namespace {

using namespace bulkhead;

vnet::Ir small_network() {
    vnet::Network network;
    const auto port = [&](const char* name, model::PortKind kind, unsigned slot) -> model::Port& {
        vnet::PlacedPort& placed = network.ports[model::PortName(name)];
        placed.slot = placed.ifindex = slot;
        placed.port.name = model::PortName(name);
        placed.port.kind = kind;
        placed.port.zone = model::ZoneName("z");
        placed.port.tenant = model::TenantName("t");
        placed.port.mac = model::Mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(slot)}};
        placed.port.address = model::Ipv4{(10U << 24) | slot};
        placed.port.address6 =
            model::Ipv6{{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(slot)}};
        return placed.port;
    };
    network.zones[model::ZoneName("z")] = network.tenants[model::TenantName("t")] = 1;
    port("router", model::PortKind::router, 1);
    port("a", model::PortKind::tap, 2).dhcp = true;
    port("b", model::PortKind::tap, 3);
    port("w", model::PortKind::wire, 4);
    auto& host = port("h", model::PortKind::host, 5);
    host.wire = model::PortName("w");
    host.vlan = 7;
    unsigned number = 0;
    for (const auto& [transport, to] : {std::pair(model::Transport::tcp, 80),
                                        {model::Transport::udp, 53},
                                        {model::Transport::icmp, 0},
                                        {model::Transport::layer2, 0x8892}})
        for (const char* name : {"b", "h"}) {
            vnet::PlacedRule placed;
            placed.rule.from = model::PortName("a");
            placed.rule.to = model::PortName(name);
            placed.rule.service = {transport, static_cast<std::uint16_t>(to)};
            placed.number = ++number;
            network.rules.push_back(placed);
        }
    return compile(network);
}

}  // namespace

// The first byte: over which interface, and whether it is a super-frame. Then frames, each behind its length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const vnet::Ir ir = small_network();
    vnet::explain::Memory memory;
    std::span<const std::uint8_t> rest(data, size);
    for (int frames = 0; frames < 8 && rest.size() > 2; ++frames) {
        const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
        const vnet::explain::Arrival arrival{rest[0] % 6U, rest.subspan(2, length),
                                             (rest[0] & 0x80) != 0 ? 1400U : 0U};
        const auto decision = evaluate(ir, arrival, memory);
        if (decision.verdict == vnet::explain::Verdict::passes && decision.ifindex == 0 &&
            decision.copies.empty())
            std::abort();
        const std::string text = vnet::explain::describe_frame(arrival.frame);
        if (text.empty() || printable(text, 256) != text) std::abort();
        remember(decision, memory);
        if (memory.connections.size() > 8) std::abort();
        rest = rest.subspan(2 + length);
    }
    return 0;
}
