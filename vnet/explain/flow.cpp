// Flows: a connection that stands, or a rule that lets one be made.
#include <arpa/inet.h>

#include "vnet/explain/judge.hpp"
#include "vnet/explain/rates.hpp"

namespace bulkhead::vnet::explain {
namespace {

// How a packet stands to flows.
struct Question {
    Ends ends;
    bool opens = false;
    bool known = true;  // of a kind that rules speak about
};

struct Flow {
    const Ir& ir;
    const Sender& sender;
    const Receiver& receiver;
    const Ethernet& ethernet;
    const Ip& ip;
    const Memory& memory;
    Question question;
    switch_connection_key key{};
    unsigned side(const Connection& connection) const {
        return connection.low_opened == is_low(question.ends) ? 0 : 1;
    }
};

Question question_of(const Ip& ip) {
    Question question{{ip.from, 0, ip.to, 0, policy_transport(ip.protocol)}, false, true};
    if (const auto* tcp = std::get_if<Tcp>(&ip.transport)) {
        question.ends.from_port = tcp->from;
        question.ends.to_port = tcp->to;
        question.opens = opens(*tcp);
    } else if (const auto* udp = std::get_if<Udp>(&ip.transport)) {
        question.ends.from_port = udp->from;
        question.ends.to_port = udp->to;
        question.opens = true;
    } else if (const auto* icmp = std::get_if<Icmp>(&ip.transport)) {
        // The identifier stands for who asks; a rule for echo has no port.
        const bool reply = icmp->type == (ip.six ? 129 : 0) && icmp->code == 0;
        question.opens = icmp->type == (ip.six ? 128 : 8) && icmp->code == 0;
        question.known = question.opens || reply;
        (reply ? question.ends.to_port : question.ends.from_port) = icmp->identifier;
    } else {
        question.known = false;
    }
    return question;
}

bool is_error(const Ip& ip, const Icmp& icmp) {
    if (ip.six) return icmp.type >= 1 && icmp.type <= 4;
    return icmp.type == 3 || icmp.type == 11 || icmp.type == 12;
}

// A connection needs no second thought if neither its rule nor its ends are other ones by now.
bool stands(const Ir& ir, const Connection& connection) {
    const switch_rule* rule = rule_of(ir, connection.rule);
    if (!rule || rule->born > connection.epoch || ir.epoch >= rule->died) return false;
    for (const Slot slot : connection.way) {
        const switch_target* target = target_of(ir, slot);
        if (target && target->born > connection.epoch) return false;
    }
    return true;
}

// A SYN on what is closed begins another connection.
bool opens_again(const Question& question, const Connection& connection) {
    return question.opens && question.ends.transport == transport_tcp && connection.state == switch_closed;
}

// The other end, if a connection stands that has this frame's sender where the frame comes from: then nothing
// else is asked, for its opening has answered it.
std::optional<Receiver> other_end(const Ir& ir, const Sender& sender, const Connection* connection,
                                  const Ends& ends) {
    if (!connection || !stands(ir, *connection)) return std::nullopt;
    const bool opener = connection->low_opened == is_low(ends);
    if (connection->way[opener ? 0 : 1] != sender.way) return std::nullopt;
    return Receiver{opener ? connection->to : connection->from, connection->way[opener ? 1 : 0]};
}

void name_rule(const Ir& ir, RuleNumber number, Decision& decision) {
    decision.rule = number;
    const auto rule = ir.rules.find(number);
    decision.conduit = rule == ir.rules.end() ? 0 : rule->second.conduit;
}

// Why a frame that no connection and no rule lets pass is dropped.
switch_drop refusal(const Flow& flow) {
    const Slot from = flow.sender.slot;
    const Slot to = flow.receiver.slot;
    const Ends& ends = flow.question.ends;
    if (flow.question.known) {
        const bool echo = ends.transport == transport_icmp;  // an identifier is no port of a rule
        const bool forth = rule_for(flow.ir, from, to, ends.transport, echo ? 0 : ends.to_port) != 0;
        const bool back = rule_for(flow.ir, to, from, ends.transport, echo ? 0 : ends.from_port) != 0;
        if (back && flow.question.opens) return switch_drop_direction;
        if (forth || back) return switch_drop_no_connection;
    }
    return may_resolve(flow.ir, from, to) ? switch_drop_service : switch_drop_no_conduit;
}

bool quota_is_full(const Flow& flow) {
    const auto tenant = flow.ir.tenants.find(flow.sender.tenant);
    const bool unlimited = tenant == flow.ir.tenants.end() || tenant->second.quota == 0;
    unsigned used = flow.memory.used(flow.sender.tenant);
    // A connection that this very frame ended has left room.
    const Connection* ended = flow.memory.find(flow.key);
    if (ended && ended->tenant == flow.sender.tenant) --used;
    return used >= (unlimited ? SWITCH_QUOTA : tenant->second.quota);
}

Refusal reach(const Flow& flow, std::uint8_t leg, Decision& decision) {
    return deliver(flow.ir, flow.sender, flow.receiver, flow.ethernet, flow.ip.hops, leg, decision);
}

// Where a frame of a flow under the rule goes: to its receiver, or, if the rule leads through a guard and the
// sender is not that guard, there. Nothing if a guard speaks in a flow that does not lead through it.
struct Way {
    Slot slot = 0;
    std::uint8_t leg = switch_straight;
};
std::optional<Way> way_under(const Flow& flow, RuleNumber number, bool forth) {
    const auto rule = flow.ir.rules.find(number);
    const Slot via = rule == flow.ir.rules.end() ? 0 : rule->second.via;
    const bool guard_speaks = flow.sender.source->kind == switch_guard;
    if (via == 0) return guard_speaks ? std::nullopt : std::optional(Way{flow.receiver.way});
    const bool front = guard_speaks != forth;  // between the guard and who opened the flow
    const Way way{guard_speaks ? flow.receiver.way : via,
                  static_cast<std::uint8_t>(front ? switch_to_guard : switch_from_guard)};
    return guard_speaks && flow.sender.way != via ? std::nullopt : std::optional(way);
}

Refusal pass(const Flow& flow, Connection connection, Decision& decision) {
    name_rule(flow.ir, connection.rule, decision);
    decision.change = Change{flow.key, connection};
    if (const auto drop = reach(flow, connection.leg, decision)) return drop;
    const unsigned side = flow.side(connection);
    if (const auto* tcp = std::get_if<Tcp>(&flow.ip.transport)) {
        const auto after = after_segment(connection, *tcp, side);
        if (!after) return switch_drop_tcp_state;
        connection = *after;
    } else if (flow.question.ends.transport == transport_icmp && flow.question.opens == (side == 1)) {
        return switch_drop_direction;
    } else if (side == 1) {
        connection.state = switch_established;
    }
    decision.change = Change{flow.key, connection};
    // Behind a guard nothing is counted once more.
    const RuleNumber limits = connection.leg == switch_from_guard ? 0 : connection.rule;
    if (!is_within_rates(flow.ir, flow.memory, flow.sender.way, limits, flow.ip.weight))
        return switch_drop_rate;
    decision.verdict = Verdict::passes;
    return std::nullopt;
}

Refusal open(const Flow& flow, Decision& decision) {
    const Ends& ends = flow.question.ends;
    const RuleNumber rule =
        flow.question.known && flow.question.opens
            ? rule_for(flow.ir, flow.sender.slot, flow.receiver.slot, ends.transport, ends.to_port)
            : 0;
    if (rule == 0) return refusal(flow);
    const auto way = way_under(flow, rule, true);
    if (!way) return switch_drop_source_address;
    name_rule(flow.ir, rule, decision);
    const Receiver receiver{flow.receiver.slot, way->slot};
    const Flow there{flow.ir, flow.sender, receiver,      flow.ethernet,
                     flow.ip, flow.memory, flow.question, flow.key};
    // A frame that could not be delivered opens nothing.
    if (const auto drop = reach(there, way->leg, decision)) return drop;
    if (quota_is_full(flow)) return switch_drop_connections_full;
    const auto* tcp = std::get_if<Tcp>(&flow.ip.transport);
    return pass(there,
                {.from = flow.sender.slot,
                 .to = flow.receiver.slot,
                 .way = {flow.sender.way, way->slot},
                 .rule = rule,
                 .epoch = flow.ir.epoch,
                 .expected = {0, (tcp ? tcp->sequence : 0) + 1},
                 .tenant = flow.sender.tenant,
                 .low_opened = is_low(ends),
                 .leg = way->leg},
                decision);
}

// A connection one of whose ends or whose rule is another one by now, as it would be made today; nothing if
// it would not.
std::optional<Connection> renewed(const Flow& flow, Connection connection) {
    const bool from_opener = flow.side(connection) == 0;
    const Slot from = from_opener ? flow.sender.slot : flow.receiver.slot;
    const Slot to = from_opener ? flow.receiver.slot : flow.sender.slot;
    const Ends& ends = flow.question.ends;
    connection.rule =
        rule_for(flow.ir, from, to, ends.transport, from_opener ? ends.to_port : ends.from_port);
    if (connection.rule == 0 || connection.from != from || connection.to != to) return std::nullopt;
    const bool guarded = flow.ir.rules.at(connection.rule).via != 0;
    if (guarded != (connection.leg != switch_straight)) return std::nullopt;
    connection.epoch = flow.ir.epoch;
    return connection;
}

// Under its present rule, from where the frame comes: a leg of a guarded flow has its two places, and what
// comes from elsewhere is no frame of it and does it no harm.
Refusal go_on_from_here(const Flow& flow, Connection connection, Decision& decision) {
    const bool from_opener = flow.side(connection) == 0;
    const auto way = way_under(flow, connection.rule, from_opener);
    if (!way) return switch_drop_source_address;
    if (way->leg != connection.leg) return switch_drop_tcp_state;
    connection.way[from_opener ? 0 : 1] = flow.sender.way;
    connection.way[from_opener ? 1 : 0] = way->slot;
    const Receiver receiver{flow.receiver.slot, way->slot};
    return pass(
        {flow.ir, flow.sender, receiver, flow.ethernet, flow.ip, flow.memory, flow.question, flow.key},
        connection, decision);
}

Refusal go_on(const Flow& flow, const Connection& connection, Decision& decision) {
    decision.state = connection.state;
    const bool reopens = opens_again(flow.question, connection);
    const bool in_place = connection.way[flow.side(connection)] == flow.sender.way;
    if (!reopens && in_place && stands(flow.ir, connection)) return pass(flow, connection, decision);
    if (const auto again = reopens ? std::nullopt : renewed(flow, connection))
        return go_on_from_here(flow, *again, decision);
    decision.change = Change{flow.key, std::nullopt};
    return open(flow, decision);
}

// An error passes under the flow that it is about, to who sent what it quotes, from that flow's other side:
// an end speaks for itself, a router for all that is beyond it.
Refusal judge_error(const Ir& ir, const Sender& sender, const Ethernet& ethernet, const Ip& ip,
                    const Memory& memory, Decision& decision) {
    const auto quoted = quoted_flow(ip, std::get<Icmp>(ip.transport));
    if (!quoted || !same(quoted->from, ip.to)) return switch_drop_icmp_error;
    const Ends ends{quoted->to, quoted->to_port, quoted->from, quoted->from_port, quoted->transport};
    const Connection* connection = memory.find(connection_key(ends));
    const auto receiver = other_end(ir, sender, connection, ends);
    if (!receiver) return switch_drop_icmp_error;
    if (sender.source->kind != switch_router && !same(quoted->to, ip.from)) return switch_drop_icmp_error;
    decision.to = receiver->slot;
    decision.state = connection->state;
    name_rule(ir, connection->rule, decision);
    if (const auto drop = deliver(ir, sender, *receiver, ethernet, ip.hops, connection->leg, decision))
        return drop;
    const RuleNumber limits = connection->leg == switch_from_guard ? 0 : connection->rule;
    if (!is_within_rates(ir, memory, sender.way, limits, ethernet.length)) return switch_drop_rate;
    decision.verdict = Verdict::passes;
    return std::nullopt;
}

}  // namespace

bool is_allowed(const Ir& ir, const switch_connection_key& key, const Connection& connection) {
    const switch_rule* rule = rule_of(ir, connection.rule);
    if (rule && rule->born <= connection.epoch && ir.epoch < rule->died) return true;
    const std::uint16_t port = connection.low_opened ? key.high_port : key.low_port;
    return rule_for(ir, connection.from, connection.to, key.transport, ntohs(port)) != 0;
}

bool is_error(const Ip& ip) {
    const auto* icmp = std::get_if<Icmp>(&ip.transport);
    return icmp && is_error(ip, *icmp);
}

std::optional<switch_connection_key> connection_of(std::span<const std::uint8_t> frame) {
    const auto ethernet = parse_ethernet(Octets(frame));
    if (!ethernet || (ethernet->ethertype != ethertype_ipv4 && ethernet->ethertype != ethertype_ipv6))
        return std::nullopt;
    const auto ip = parse_ip(*ethernet, 0);
    if (!ip) return std::nullopt;
    if (is_error(*ip)) {
        const auto quoted = quoted_flow(*ip, std::get<Icmp>(ip->transport));
        if (!quoted) return std::nullopt;
        return connection_key(
            {quoted->to, quoted->to_port, quoted->from, quoted->from_port, quoted->transport});
    }
    const Question question = question_of(*ip);
    return question.known ? std::optional(connection_key(question.ends)) : std::nullopt;
}

Refusal judge_flow(const Ir& ir, const Sender& sender, const Ethernet& ethernet, const Ip& ip,
                   const Memory& memory, Decision& decision) {
    decision.from = sender.slot;
    if (is_error(ip)) return judge_error(ir, sender, ethernet, ip, memory, decision);
    const Question question = question_of(ip);
    const auto key = connection_key(question.ends);
    const Connection* connection = question.known ? memory.find(key) : nullptr;
    Parsed<Receiver> receiver = receiver_of(ir, sender, ip.to);
    const auto other = other_end(ir, sender, connection, question.ends);
    if (other && !opens_again(question, *connection)) receiver = *other;
    if (!receiver) return receiver.error();
    decision.to = receiver->slot;
    const Flow flow{ir, sender, *receiver, ethernet, ip, memory, question, key};
    return connection ? go_on(flow, *connection, decision) : open(flow, decision);
}

}  // namespace bulkhead::vnet::explain
