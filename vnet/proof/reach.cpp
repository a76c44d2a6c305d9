#include "vnet/proof/reach.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <map>
#include <optional>

#include "vnet/explain/judge.hpp"
#include "vnet/explain/second_check.hpp"
#include "vnet/proof/atoms.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::proof {
namespace {

using explain::Decision;
using explain::Memory;
using explain::Speech;
using explain::Verdict;
using explain::Words;

Speech speech_of(std::uint8_t transport) {
    if (transport == explain::transport_tcp) return Speech::tcp;
    return transport == explain::transport_udp ? Speech::udp : Speech::icmp;
}

// The services that a policy names for a pair of ends.
using Services = std::map<std::pair<Slot, Slot>, std::vector<Service>>;
Services services_of(const Ir& ir) {
    Services all;
    for (const auto& [flow, choice] : ir.policy)
        all[{flow.from, flow.to}].push_back({speech_of(flow.transport), ntohs(flow.port)});
    return all;
}

class Explorer {
  public:
    explicit Explorer(const Ir& ir) : ir_(ir), services_(services_of(ir)), other_port_(unnamed_port(ir)) {}

    Reach explore() {
        const auto to = destinations(ir_);
        for (const Origin& origin : origins(ir_)) {
            for (const Destination& destination : to) look(origin, destination);
        }
        for (const auto& [ifindex, source] : ir_.sources)
            if (source.kind == switch_tap) ask_for_addresses(ifindex, source);
        advertise();
        send_layer2();
        return std::move(reach_);
    }

  private:
    Witness witness(const Words& words, std::uint32_t ifindex) const {
        return {ifindex, frame_of(words, wrapping_for(ir_, ifindex, words))};
    }

    Decision judge(const Witness& sent, const Memory& memory) {
        ++reach_.atoms;
        return evaluate(ir_, {sent.ifindex, sent.frame, 0}, memory);
    }

    // What an entry of the policy names, and for each transport what none does.
    void look(const Origin& origin, const Destination& destination) {
        if (is_ipv4(origin.address) != is_ipv4(destination.address)) return;
        const auto named = services_.find({origin.slot, destination.slot});
        if (named != services_.end())
            for (const Service& service : named->second) try_flow(origin, destination, service);
        for (const Speech speech : {Speech::tcp, Speech::udp})
            try_flow(origin, destination, {speech, other_port_});
        const bool echo =
            named != services_.end() && std::ranges::count(named->second, Speech::icmp, &Service::speech);
        if (!echo) try_flow(origin, destination, {Speech::icmp, 0});
        // Segments that open nothing: no flow is there that they could belong to.
        Words stray{.from = origin.address,
                    .from_port = other_port_,
                    .to = destination.address,
                    .to_port = other_port_};
        stray.flags = explain::Tcp::ack;
        note(origin, judge(witness(stray, origin.ifindex), {}), {witness(stray, origin.ifindex)}, Way::opens);
    }

    void try_flow(const Origin& origin, const Destination& destination, const Service& service) {
        const Words words{.speech = service.speech,
                          .from = origin.address,
                          .from_port = other_port_,
                          .to = destination.address,
                          .to_port = service.port,
                          .sequence = 1};
        const Witness sent = witness(words, origin.ifindex);
        Memory memory;
        const Decision decision = judge(sent, memory);
        if (decision.verdict != Verdict::passes) return;
        note(origin, decision, {sent}, Way::opens);
        remember(decision, memory);
        answer(words, decision, sent, memory);
    }

    void answer(const Words& asked, const Decision& opened, const Witness& first, const Memory& memory) {
        Words words = asked;
        std::swap(words.from, words.to);
        if (words.speech == Speech::icmp)
            words.speech = Speech::icmp_reply;
        else
            std::swap(words.from_port, words.to_port);
        words.flags = explain::Tcp::syn | explain::Tcp::ack;
        words.acknowledged = asked.sequence + 1;
        const Witness back = witness(words, opened.ifindex);
        const Decision decision = judge(back, memory);
        note({opened.ifindex, opened.to, words.from}, decision, {first, back}, Way::answers);
    }

    void note(const Origin& origin, const Decision& decision, std::vector<Witness> witnesses, Way way) {
        if (decision.verdict != Verdict::passes) return;
        Edge edge{origin.slot, decision.to, way, decision.rule, 0, false, std::move(witnesses)};
        const Witness& last = edge.witnesses.back();
        name_guard(decision, edge);
        if (explain::check_again(
                ir_, {last.ifindex, decision.ifindex, explain::as_delivered(last.frame, decision)}))
            reach_.contradictions.push_back(std::move(edge));
        else
            reach_.edges.push_back(std::move(edge));
    }

    Slot guard_at(std::uint32_t ifindex) const {
        const auto source = ir_.sources.find(ifindex);
        return source != ir_.sources.end() && source->second.kind == switch_guard ? source->second.slot : 0;
    }

    // Behind a guard is where who was called is.
    void name_guard(const Decision& decision, Edge& edge) const {
        const Slot speaks = guard_at(edge.witnesses.back().ifindex);
        edge.via = speaks != 0 ? speaks : guard_at(decision.ifindex);
        edge.behind = edge.via != 0 && (edge.way == Way::answers) == (speaks == 0);
    }

    // DHCP and DHCPv6 of a tap with the router of its zone, there and back.
    void ask_for_addresses(std::uint32_t ifindex, const switch_source& source) {
        const switch_address none = to_wire(model::Ipv4{});
        const switch_address everyone = to_wire(model::Ipv4{0xffffffff});
        talk(ifindex, source,
             {.speech = Speech::udp, .from = none, .from_port = 68, .to = everyone, .to_port = 67});
        const switch_address servers = explain::address_of(
            std::array<std::uint8_t, 16>{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2});
        talk(ifindex, source,
             {.speech = Speech::udp, .from = local(2), .from_port = 546, .to = servers, .to_port = 547});
    }

    static switch_address local(std::uint8_t last) {
        return explain::address_of(
            std::array<std::uint8_t, 16>{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
    }

    void talk(std::uint32_t ifindex, const switch_source& source, const Words& asks) {
        const bool four = is_ipv4(asks.from);
        const explain::MacBytes mac = explain::mac_of(source.mac);
        const explain::MacBytes group = four ? explain::everyone : explain::MacBytes{0x33, 0x33, 0, 1, 0, 2};
        Witness sent{ifindex, frame_of(asks, {group, mac, 0})};
        if (four) append_bootp(sent.frame, 1, mac, {});
        Memory memory;
        const Decision decision = judge(sent, memory);
        note({ifindex, source.slot, asks.from}, decision, {sent}, Way::housekeeping);
        if (decision.verdict != Verdict::passes) return;
        remember(decision, memory);
        const auto router = ir_.sources.find(decision.ifindex);
        if (router == ir_.sources.end()) return;
        Words replies{.speech = Speech::udp,
                      .from = local(1),
                      .from_port = asks.to_port,
                      .to = asks.from,
                      .to_port = asks.from_port};
        if (four) {
            replies.from = router->second.address;
            replies.to = to_wire(model::Ipv4{0xffffffff});
        }
        Witness back{decision.ifindex, frame_of(replies, {mac, explain::mac_of(router->second.mac), 0})};
        if (four) append_bootp(back.frame, 2, mac, source.address);
        note({decision.ifindex, router->second.slot, replies.from}, judge(back, memory), {sent, back},
             Way::housekeeping);
    }

    static void append_bootp(std::vector<std::uint8_t>& frame, std::uint8_t operation,
                             const explain::MacBytes& mac, const switch_address& yours) {
        std::vector<std::uint8_t> bootp(236);
        bootp[0] = operation;
        bootp[1] = 1;
        bootp[2] = 6;
        const auto given = explain::bytes_of(yours);
        std::copy(given.begin() + 12, given.end(), bootp.begin() + 16);
        std::ranges::copy(mac, bootp.begin() + 28);
        frame.insert(frame.end(), bootp.begin(), bootp.end());
        explain::settle_lengths(frame);
    }

    // A router's advertisement goes to each member of its zone; each is an edge.
    void advertise() {
        for (const auto& [ifindex, source] : ir_.sources) {
            if (source.kind != switch_router) continue;
            ++reach_.atoms;
            const auto zone = ir_.zones.find(source.zone);
            if (zone == ir_.zones.end() || zone->second.router != source.slot) continue;
            for (std::size_t i = 0; i < std::min<std::size_t>(zone->second.count, SWITCH_MEMBERS); ++i)
                reach_.edges.push_back(
                    {source.slot, zone->second.member[i], Way::housekeeping, 0, 0, false, {}});
        }
    }

    void send_layer2() {
        for (const auto& [key, peers] : ir_.layer2)
            for (std::size_t i = 0; i < std::min<std::size_t>(peers.count, SWITCH_PEERS); ++i) {
                const switch_target* target = explain::target_of(ir_, peers.to[i]);
                if (target == nullptr) continue;
                std::vector<std::uint8_t> frame(60);
                std::ranges::copy(target->mac, frame.begin());
                std::ranges::copy(key.mac, frame.begin() + 6);
                frame[12] = static_cast<std::uint8_t>(ntohs(key.ethertype) >> 8);
                frame[13] = static_cast<std::uint8_t>(ntohs(key.ethertype));
                if (key.vlan != 0) {
                    const std::array<std::uint8_t, 4> tag{0x81, 0, static_cast<std::uint8_t>(key.vlan >> 8),
                                                          static_cast<std::uint8_t>(key.vlan)};
                    frame.insert(frame.begin() + 12, tag.begin(), tag.end());
                }
                const Witness sent{key.ifindex, frame};
                note({key.ifindex, peers.from, {}}, judge(sent, {}), {sent}, Way::layer2);
            }
    }

    const Ir& ir_;
    const Services services_;
    const std::uint16_t other_port_;
    Reach reach_;
};

}  // namespace

std::string Witness::words() const {
    return explain::describe_frame(frame);
}

Reach reach(const Ir& ir) {
    return Explorer(ir).explore();
}

}  // namespace bulkhead::vnet::proof
