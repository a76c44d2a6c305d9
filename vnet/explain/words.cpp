#include "vnet/explain/words.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/address.hpp"
#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::string_view wanted =
    "tcp 10.20.1.5:40000 > 10.20.9.2:8883, udp likewise, icmp A > B, or arp A > B";

std::unexpected<Error> unclear(std::string_view text, std::string_view why) {
    return fail(Code::invalid, "\"" + printable(text, 128) + "\" is no frame: " + std::string(why), {},
                std::string(wanted));
}

struct End {
    switch_address address{};
    std::optional<std::uint16_t> port;
};

Result<switch_address> parse_address(std::string_view text) {
    if (text.find(':') == std::string_view::npos) {
        BULKHEAD_TRY_ASSIGN(const model::Ipv4 address, model::parse_ipv4(text));
        return to_wire(address);
    }
    BULKHEAD_TRY_ASSIGN(const model::Ipv6 address, model::parse_ipv6(text));
    return to_wire(address);
}

// 10.20.1.5:80, 10.20.1.5, [fd00::1]:80, [fd00::1], fd00::1
Result<End> parse_end(std::string_view text) {
    std::string_view address = text;
    std::string_view port;
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return unclear(text, "a bracket is not closed");
        address = text.substr(1, close - 1);
        port = text.substr(close + 1);
        if (!port.empty() && port.front() != ':') return unclear(text, "after the bracket comes a colon");
        if (!port.empty()) port.remove_prefix(1);
    } else if (std::ranges::count(text, ':') == 1) {
        address = text.substr(0, text.find(':'));
        port = text.substr(text.find(':') + 1);
    }
    End end;
    BULKHEAD_TRY_ASSIGN(end.address, parse_address(address));
    if (!port.empty()) {
        BULKHEAD_TRY_ASSIGN(const auto number, parse_number(port, 0, 65535));
        end.port = static_cast<std::uint16_t>(number);
    }
    return end;
}

std::optional<Speech> speech_of(std::string_view word) {
    if (word == "tcp") return Speech::tcp;
    if (word == "udp") return Speech::udp;
    if (word == "icmp") return Speech::icmp;
    if (word == "icmp-reply") return Speech::icmp_reply;
    if (word == "arp" || word == "nd") return Speech::arp;
    return std::nullopt;
}

std::string_view speech_name(const Words& words) {
    switch (words.speech) {
        case Speech::tcp:
            return "tcp";
        case Speech::udp:
            return "udp";
        case Speech::icmp:
            return "icmp";
        case Speech::icmp_reply:
            return "icmp-reply";
        case Speech::arp:
            return is_ipv4(words.from) ? "arp" : "nd";
    }
    return "?";
}

struct Flag {
    std::string_view name;
    std::uint8_t bit;
};
constexpr std::array<Flag, 4> flag_names{
    {{"syn", Tcp::syn}, {"fin", Tcp::fin}, {"rst", Tcp::rst}, {"ack", Tcp::ack}}};

Result<std::uint8_t> parse_flags(std::string_view text) {
    std::uint8_t flags = 0;
    for (const std::string& word : split_text(text, ',')) {
        const auto flag = std::ranges::find(flag_names, word, &Flag::name);
        if (flag == flag_names.end())
            return unclear(text, "flags are syn, ack, fin, rst, with commas between");
        flags |= flag->bit;
    }
    return flags;
}

std::string flags_text(std::uint8_t flags) {
    std::string text;
    for (const Flag& flag : flag_names)
        if ((flags & flag.bit) != 0) text += (text.empty() ? "" : ",") + std::string(flag.name);
    return text;
}

bool has_ports(Speech speech) {
    return speech == Speech::tcp || speech == Speech::udp;
}

std::string end_text(const switch_address& address, std::optional<std::uint16_t> port) {
    const std::string text = to_text(address);
    if (!port) return text;
    return (is_ipv4(address) ? text : "[" + text + "]") + ":" + std::to_string(*port);
}

}  // namespace

Result<Words> parse_words(std::string_view text) {
    std::vector<std::string> parts;
    for (std::string& part : split_text(text, ' '))
        if (!part.empty()) parts.push_back(std::move(part));
    if (parts.size() < 4 || parts.size() > 5 || parts[2] != ">")
        return unclear(text, "it is not TRANSPORT FROM > TO");
    const auto speech = speech_of(parts[0]);
    if (!speech) return unclear(text, "transports are tcp, udp, icmp, icmp-reply and arp");
    BULKHEAD_TRY_ASSIGN(const End from, parse_end(parts[1]));
    BULKHEAD_TRY_ASSIGN(const End to, parse_end(parts[3]));
    if (is_ipv4(from.address) != is_ipv4(to.address)) return unclear(text, "one end is IPv4, the other IPv6");
    if (has_ports(*speech) != from.port.has_value() || has_ports(*speech) != to.port.has_value())
        return unclear(text, "tcp and udp have a port at both ends, the others have none");
    Words words{.speech = *speech,
                .from = from.address,
                .from_port = from.port.value_or(*speech == Speech::arp ? 0 : 1),
                .to = to.address,
                .to_port = to.port.value_or(0)};
    if (parts.size() == 5) {
        if (*speech != Speech::tcp) return unclear(text, "flags are TCP's");
        BULKHEAD_TRY_ASSIGN(words.flags, parse_flags(parts[4]));
    }
    return words;
}

std::string to_text(const Words& words) {
    const bool ports = has_ports(words.speech);
    std::string text(speech_name(words));
    text += " " + end_text(words.from, ports ? std::optional(words.from_port) : std::nullopt);
    text += " > " + end_text(words.to, ports ? std::optional(words.to_port) : std::nullopt);
    if (words.speech == Speech::tcp) text += " " + flags_text(words.flags);
    return text;
}

std::string describe_frame(std::span<const std::uint8_t> frame) {
    const auto ethernet = parse_ethernet(Octets(frame));
    if (!ethernet) return std::to_string(frame.size()) + " bytes";
    const std::string kind = "ethertype 0x" + [&] {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string hex;
        for (int shift = 12; shift >= 0; shift -= 4) hex += digits[(ethernet->ethertype >> shift) & 15];
        return hex;
    }();
    if (ethernet->ethertype == ethertype_arp && ethernet->payload.has(28))
        return to_text(Words{.speech = Speech::arp,
                             .from = address_of(ethernet->payload.array<4>(14)),
                             .to = address_of(ethernet->payload.array<4>(24))});
    if (ethernet->ethertype != ethertype_ipv4 && ethernet->ethertype != ethertype_ipv6) return kind;
    const auto ip = parse_ip(*ethernet, 0);
    if (!ip) return kind + ", malformed";
    Words words{.from = ip->from, .to = ip->to};
    if (const auto* tcp = std::get_if<Tcp>(&ip->transport)) {
        words.from_port = tcp->from;
        words.to_port = tcp->to;
        words.flags = tcp->flags;
    } else if (const auto* udp = std::get_if<Udp>(&ip->transport)) {
        words.speech = Speech::udp;
        words.from_port = udp->from;
        words.to_port = udp->to;
    } else if (const auto* icmp = std::get_if<Icmp>(&ip->transport)) {
        words.speech = Speech::icmp;
        const bool echo = icmp->type == (ip->six ? 128 : 8);
        if (!echo) return to_text(words) + " type " + std::to_string(icmp->type);
    } else {
        return "protocol " + std::to_string(ip->protocol) + " " + to_text(ip->from) + " > " + to_text(ip->to);
    }
    return to_text(words);
}

Wrapping wrapping_for(const Ir& ir, std::uint32_t ifindex, const Words& words) {
    Wrapping wrapping;
    const auto source = ir.sources.find(ifindex);
    if (source != ir.sources.end()) wrapping.source = mac_of(source->second.mac);
    Slot way = source == ir.sources.end() ? 0 : source->second.slot;
    std::uint16_t zone = source == ir.sources.end() ? std::uint16_t{0} : source->second.zone;
    const switch_endpoint* from = endpoint_of(ir, words.from);
    if (source != ir.sources.end() && source->second.kind == switch_wire && from) {
        wrapping.source = mac_of(from->mac);
        wrapping.vlan = from->vlan;
        way = from->slot;
        zone = from->zone;
    }
    const switch_target* own = target_of(ir, way);
    const switch_endpoint* to = endpoint_of(ir, words.to);
    const bool over_gateway = own && mac_of(own->gateway_mac) != MacBytes{} && (!to || to->zone != zone);
    if (words.speech == Speech::arp)
        wrapping.destination = is_ipv4(words.to) ? everyone : MacBytes{0x33, 0x33, 0xff, 0, 0, 1};
    else if (source != ir.sources.end() && source->second.kind == switch_guard)
        wrapping.destination = wrapping.source;  // it has no neighbours
    else if (over_gateway)
        wrapping.destination = mac_of(own->gateway_mac);
    else if (to)
        wrapping.destination = mac_of(to->mac);
    return wrapping;
}

}  // namespace bulkhead::vnet::explain
