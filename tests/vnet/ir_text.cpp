#include "tests/vnet/ir_text.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "model/address.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::test {
namespace {

std::string text_of(const switch_address& address) {
    if (std::ranges::all_of(address.word, [](auto word) { return word == 0; })) return "-";
    return is_ipv4(address) ? to_string(to_ipv4(address)) : to_string(to_ipv6(address));
}

std::string text_of(const switch_prefix& prefix) {
    if (!is_ipv4(prefix.address))
        return to_string(to_ipv6(prefix.address)) + "/" + std::to_string(prefix.length);
    return text_of(prefix.address) + "/" + std::to_string(prefix.length - ipv4_prefix_bits);
}

std::string text_of(const unsigned char (&mac)[6]) {
    model::Mac plain;
    std::ranges::copy(mac, plain.bytes.begin());
    return plain == model::Mac{} ? "-" : to_string(plain);
}

std::string kind_of(unsigned char kind) {
    static constexpr std::array names{"tap", "wire", "host", "router", "outside", "mirror"};
    return names.at(kind);
}

}  // namespace

std::string text_of(const Ir& ir) {
    std::ostringstream out;
    for (const auto& [ifindex, s] : ir.sources)
        out << "source if" << ifindex << ": " << kind_of(s.kind) << " slot " << s.slot << " tenant "
            << s.tenant << " zone " << s.zone << " " << text_of(s.mac) << " " << text_of(s.address) << " "
            << text_of(s.address6) << " router " << s.router << (s.dhcp != 0 ? " dhcp" : "") << "\n";
    for (const auto& [address, e] : ir.addresses)
        out << "address " << text_of(address) << ": slot " << e.slot << " tenant " << e.tenant << " zone "
            << e.zone << " " << text_of(e.mac) << " vlan " << e.vlan << "\n";
    for (const auto& [prefix, slot] : ir.outside)
        out << "outside " << text_of(prefix) << ": slot " << slot << "\n";
    for (const auto& [slot, t] : ir.targets)
        out << "target " << slot << ": if" << t.ifindex << " vlan " << t.vlan << " " << text_of(t.mac)
            << " gateway " << text_of(t.gateway_mac) << " born " << t.born
            << (t.limited != 0 ? " limited" : "") << (t.guest != 0 ? " guest" : "") << "\n";
    for (const auto& [flow, choice] : ir.policy)
        out << "policy " << flow.from << " > " << flow.to << " " << unsigned{flow.transport} << "/"
            << ::ntohs(flow.port) << ": " << choice.before << " then " << choice.after << " since "
            << choice.since << "\n";
    for (const auto& [number, r] : ir.rules)
        out << "rule " << number << ": born " << r.born << (r.died == never ? "" : " died") << " conduit "
            << r.conduit << " bucket " << r.bucket << " mirror " << r.mirror
            << (r.via == 0 ? "" : " via " + std::to_string(r.via)) << "\n";
    for (const auto& [pair, one] : ir.pairs) out << "pair " << pair.from << " " << pair.to << "\n";
    for (const auto& [pair, one] : ir.passages) out << "passage " << pair.from << " " << pair.to << "\n";
    for (const auto& [key, a] : ir.arrivals)
        out << "arrival if" << key.ifindex << " " << text_of(key.address) << ": slot " << a.slot << " zone "
            << a.zone << " " << text_of(a.mac) << " vlan " << a.vlan << "\n";
    for (const auto& [ifindex, d] : ir.doors)
        out << "door if" << ifindex << ": " << kind_of(d.kind) << " slot " << d.slot << " zone " << d.zone
            << " " << text_of(d.mac) << (d.anyone != 0 ? " anyone" : "")
            << (d.kind == switch_tap ? " " + text_of(d.address) + " " + text_of(d.address6) : "") << "\n";
    for (const auto& [key, l] : ir.layer2) {
        out << "layer2 if" << key.ifindex << " " << text_of(key.mac) << " vlan " << key.vlan << " slot "
            << l.from << " " << std::hex << ::ntohs(key.ethertype) << std::dec << ":";
        for (unsigned i = 0; i < l.count; ++i) out << " to " << l.to[i] << " rule " << l.rule[i];
        out << "\n";
    }
    for (const auto& [zone, z] : ir.zones) {
        out << "zone " << zone << ": router " << z.router << " members";
        for (unsigned i = 0; i < z.count; ++i) out << " " << z.member[i];
        out << "\n";
    }
    for (const auto& [tenant, t] : ir.tenants) out << "tenant " << tenant << ": quota " << t.quota << "\n";
    for (const auto& [bucket, b] : ir.buckets)
        out << "bucket " << bucket << ": rate " << b.rate << " burst " << b.burst << "\n";
    return out.str();
}

}  // namespace bulkhead::vnet::test
