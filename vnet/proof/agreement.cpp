#include "vnet/proof/agreement.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::proof {
namespace {

using explain::mac_of;
using explain::MacBytes;

class Reader {
  public:
    explicit Reader(const Ir& ir) : ir_(ir) {}

    std::vector<Finding> read() {
        interfaces();
        addresses();
        arrivals();
        flows();
        passages();
        pairs();
        layer2();
        zones();
        return std::move(findings_);
    }

  private:
    void tell(const char* table, std::string what) { findings_.push_back({table, std::move(what)}); }

    const switch_target* placed(Slot slot) const {
        const switch_target* target = explain::target_of(ir_, slot);
        return target && target->ifindex != 0 ? target : nullptr;
    }
    bool is_beyond(Slot slot) const {
        return std::ranges::any_of(ir_.outside,
                                   [&](const auto& row) { return slot != 0 && row.second == slot; });
    }
    static std::string of(const std::string& name, const std::string& flaw) {
        return std::string(name).append(": ").append(flaw);
    }

    // Why a number stands for nothing between the two; empty if it does stand for something.
    std::string flaw_of(RuleNumber number, Slot from, Slot to) const {
        const switch_rule* rule = explain::rule_of(ir_, number);
        if (!rule || !holds(*rule, ir_.epoch)) return "rule " + std::to_string(number) + " does not hold";
        return rule->flow.from == from && rule->flow.to == to
                   ? std::string()
                   : "rule " + std::to_string(number) + " is of others";
    }

    // Both checks must know the same interfaces, and say the same of them.
    void interfaces() {
        for (const auto& [ifindex, source] : ir_.sources) {
            const std::string name = "interface " + std::to_string(ifindex);
            const auto door = ir_.doors.find(ifindex);
            if (door == ir_.doors.end()) {
                tell("sources", name + " is in sources and not in doors");
                continue;
            }
            if (door->second.slot != source.slot || door->second.zone != source.zone ||
                door->second.kind != source.kind || mac_of(door->second.mac) != mac_of(source.mac))
                tell("doors", name + ": the two checks see another port there");
            const bool own = source.kind == switch_tap;
            if (!explain::same(door->second.address, own ? source.address : switch_address{}) ||
                !explain::same(door->second.address6, own ? source.address6 : switch_address{}))
                tell("doors", name + ": only a tap's door has addresses, and only its own");
            if ((door->second.anyone != 0) != (source.kind == switch_router))
                tell("doors", name + ": only what is beyond a router is anyone's");
            if (source.kind == switch_wire) continue;
            const switch_target* target = explain::target_of(ir_, source.slot);
            if (!target || target->ifindex != ifindex || mac_of(target->mac) != mac_of(source.mac))
                tell("targets", name + ": slot " + std::to_string(source.slot) + " stands elsewhere");
            const Slot router = explain::router_of(ir_, source.zone);
            if (source.router != 0 && source.router != router)
                tell("sources", name + ": its router is not its zone's");
            if (source.dhcp != 0 && source.router == 0)
                tell("sources", name + ": asks for addresses where nobody gives any");
            for (const auto& address : {source.address, source.address6}) own_address(name, source, address);
        }
        for (const auto& [ifindex, door] : ir_.doors)
            if (!ir_.sources.contains(ifindex))
                tell("doors", "interface " + std::to_string(ifindex) + " is in doors and not in sources");
        for (const auto& [slot, target] : ir_.targets)
            if (target.ifindex != 0 && !ir_.sources.contains(target.ifindex))
                tell("targets", "slot " + std::to_string(slot) + " is sent to interface " +
                                    std::to_string(target.ifindex) + ", which is nobody's");
    }

    void own_address(const std::string& name, const switch_source& source, const switch_address& address) {
        if (explain::is_none(address)) return;
        const switch_endpoint* endpoint = explain::endpoint_of(ir_, address);
        if (!endpoint || endpoint->slot != source.slot)
            tell("addresses",
                 name + " may be " + explain::to_text(address) + ", which is another's or nobody's");
    }

    void addresses() {
        for (const auto& [address, endpoint] : ir_.addresses) {
            const std::string name = explain::to_text(address);
            const switch_target* target = explain::target_of(ir_, endpoint.slot);
            if (!target || mac_of(target->mac) != mac_of(endpoint.mac) || target->vlan != endpoint.vlan) {
                tell("addresses", name + ": its slot has another MAC address or tag");
                continue;
            }
            arrival(name, {0, address}, endpoint);
            if (target->ifindex == 0) continue;
            arrival(name, {target->ifindex, address}, endpoint);
            const auto source = ir_.sources.find(target->ifindex);
            if (source == ir_.sources.end() || source->second.kind == switch_wire) continue;
            if (source->second.zone != endpoint.zone || source->second.tenant != endpoint.tenant)
                tell("addresses", name + ": its zone or tenant is not that of its interface");
            if (!explain::same(source->second.address, address) &&
                !explain::same(source->second.address6, address))
                tell("sources", name + " is reached over an interface that may not be it");
        }
    }

    void arrival(const std::string& name, const switch_arrival_key& key, const switch_endpoint& endpoint) {
        const auto found = ir_.arrivals.find(key);
        if (found == ir_.arrivals.end() || found->second.slot != endpoint.slot ||
            found->second.zone != endpoint.zone || mac_of(found->second.mac) != mac_of(endpoint.mac) ||
            found->second.vlan != endpoint.vlan)
            tell("arrivals",
                 name + ": the two checks see another there (interface " + std::to_string(key.ifindex) + ")");
    }

    // Entries that no address, MAC address or tag explains.
    void arrivals() {
        std::set<std::pair<std::uint32_t, std::uint16_t>> tags;
        std::set<std::pair<std::uint32_t, MacBytes>> macs;
        for (const auto& [slot, target] : ir_.targets) {
            tags.insert({target.ifindex, target.vlan});
            macs.insert({target.ifindex, mac_of(target.mac)});
        }
        for (const auto& [key, entry] : ir_.arrivals) {
            const auto bytes = explain::bytes_of(key.address);
            if (bytes[0] != 0xff || is_ipv4(key.address)) {
                if (!explain::endpoint_of(ir_, key.address))
                    tell("arrivals", explain::to_text(key.address) + " is nobody's address");
                const switch_target* target = explain::target_of(ir_, entry.slot);
                if (key.ifindex != 0 && (!target || target->ifindex != key.ifindex))
                    tell("arrivals", explain::to_text(key.address) + " is not behind interface " +
                                         std::to_string(key.ifindex));
                continue;
            }
            const bool group = bytes[4] == 0xff;
            const bool known = group ? tags.contains({key.ifindex, entry.vlan})
                                     : macs.contains({key.ifindex, mac_of(entry.mac)});
            if (!known)
                tell("arrivals",
                     "a MAC address or tag that nobody has, on interface " + std::to_string(key.ifindex));
        }
    }

    void flows() {
        for (const auto& [flow, choice] : ir_.policy) {
            const RuleNumber number = holds(choice, ir_.epoch);
            const std::string name =
                "from slot " + std::to_string(flow.from) + " to slot " + std::to_string(flow.to);
            if (number == 0) continue;
            if (const auto flaw = flaw_of(number, flow.from, flow.to); !flaw.empty())
                tell("policy", of(name, flaw));
            else if (!same_bytes(explain::rule_of(ir_, number)->flow, flow))
                tell("policy", name + ": rule " + std::to_string(number) + " is of another service");
            if (explain::target_of(ir_, flow.from) == nullptr && !is_beyond(flow.from))
                tell("policy", name + ": nobody is at the first");
            if (explain::target_of(ir_, flow.to) == nullptr && !is_beyond(flow.to))
                tell("policy", name + ": nobody is at the second");
            guard_of(name, number);
            if (!explain::may_resolve(ir_, flow.from, flow.to) && !is_beyond(flow.from) &&
                !is_beyond(flow.to))
                tell("pairs", name + ": allowed, and can't find each other");
        }
    }

    void guard_of(const std::string& name, RuleNumber number) {
        const auto rule = ir_.rules.find(number);
        if (rule == ir_.rules.end() || rule->second.via == 0) return;
        const bool stands = std::ranges::any_of(ir_.sources, [&](const auto& row) {
            return row.second.slot == rule->second.via && row.second.kind == switch_guard;
        });
        if (!stands && placed(rule->second.via) != nullptr)
            tell("rules", name + ": the guard that it leads through is none");
    }

    // The zones in which a slot's frames pass the second check.
    std::set<std::uint16_t> zones_of(Slot slot) const {
        std::set<std::uint16_t> zones;
        for (const auto& [ifindex, source] : ir_.sources)
            if (source.slot == slot) zones.insert(source.zone);
        for (const auto& [address, endpoint] : ir_.addresses)
            if (endpoint.slot == slot) zones.insert(endpoint.zone);
        return zones;
    }

    void need(Slot from, Slot to, std::set<std::pair<std::uint32_t, std::uint32_t>>& needed) const {
        // Beyond a router: within the zone of the other end, where the router's leg is.
        auto from_zones = zones_of(from);
        auto to_zones = zones_of(to);
        if (is_beyond(from)) from_zones = to_zones;
        if (is_beyond(to)) to_zones = from_zones;
        for (const auto a : from_zones)
            for (const auto b : to_zones) needed.insert({a, b});
    }

    void passages() {
        std::set<std::pair<std::uint32_t, std::uint32_t>> needed;
        for (const auto& [flow, choice] : ir_.policy) {
            if (holds(choice, ir_.epoch) == 0) continue;
            need(flow.from, flow.to, needed);
            need(flow.to, flow.from, needed);
        }
        for (const auto& [key, peers] : ir_.layer2)
            for (std::size_t i = 0; i < std::min<std::size_t>(peers.count, SWITCH_PEERS); ++i)
                need(peers.from, peers.to[i], needed);
        for (const auto& [number, rule] : ir_.rules) {
            if (rule.mirror == 0) continue;
            for (const auto mirror_zone : zones_of(rule.mirror))
                for (const auto& [pair, yes] : ir_.passages)
                    if (pair.to == mirror_zone) needed.insert({pair.from, pair.to});
        }
        for (const auto& [pair, yes] : ir_.passages)
            if (!needed.contains({pair.from, pair.to}))
                tell("passages", "from zone " + std::to_string(pair.from) + " to zone " +
                                     std::to_string(pair.to) +
                                     ": no rule needs it, so the second check is wider than the first");
        for (const auto& [from, to] : needed)
            if (!ir_.passages.contains(switch_pair{from, to}))
                tell("passages", "from zone " + std::to_string(from) + " to zone " + std::to_string(to) +
                                     ": a rule needs it, and the second check knows nothing of it");
    }

    // Who may know whose MAC address: whom a rule joins, and each with the router of its zone.
    void pairs() {
        std::set<std::pair<std::uint32_t, std::uint32_t>> joined;
        for (const auto& [flow, choice] : ir_.policy) {
            if (holds(choice, ir_.epoch) == 0) continue;
            joined.insert({flow.from, flow.to});
            joined.insert({flow.to, flow.from});
        }
        for (const auto& [pair, yes] : ir_.pairs) {
            const bool router = explain::router_of(ir_, zone_of(pair.from)) == pair.to ||
                                explain::router_of(ir_, zone_of(pair.to)) == pair.from;
            const bool same_zone = zone_of(pair.from) == zone_of(pair.to);
            if (!joined.contains({pair.from, pair.to}) && !(router && same_zone) &&
                !layer2_joins(pair.from, pair.to))
                tell("pairs", "slot " + std::to_string(pair.from) + " may find slot " +
                                  std::to_string(pair.to) + ", and no rule joins them");
        }
    }

    std::uint16_t zone_of(Slot slot) const {
        const auto zones = zones_of(slot);
        return zones.empty() ? std::uint16_t{0} : *zones.begin();
    }

    bool layer2_joins(Slot from, Slot to) const {
        return std::ranges::any_of(ir_.layer2, [&](const auto& row) {
            const switch_layer2& peers = row.second;
            const auto end = peers.to + std::min<std::size_t>(peers.count, SWITCH_PEERS);
            return (peers.from == from && std::find(peers.to, end, to) != end) ||
                   (peers.from == to && std::find(peers.to, end, from) != end);
        });
    }

    void layer2() {
        for (const auto& [key, peers] : ir_.layer2) {
            const std::string name = "slot " + std::to_string(peers.from);
            const switch_target* own = explain::target_of(ir_, peers.from);
            if (!own || own->ifindex != key.ifindex || own->vlan != key.vlan ||
                mac_of(own->mac) != mac_of(key.mac))
                tell("layer2", name + " is not behind the interface, tag and MAC address that send as it");
            for (std::size_t i = 0; i < std::min<std::size_t>(peers.count, SWITCH_PEERS); ++i)
                if (const auto flaw = flaw_of(peers.rule[i], peers.from, peers.to[i]); !flaw.empty())
                    tell("layer2", of(name, flaw));
        }
    }

    void zones() {
        for (const auto& [number, zone] : ir_.zones) {
            const std::string name = "zone " + std::to_string(number);
            const bool stands = std::ranges::any_of(ir_.sources, [&](const auto& row) {
                return row.second.slot == zone.router && row.second.kind == switch_router &&
                       row.second.zone == number;
            });
            if (zone.router != 0 && placed(zone.router) && !stands)
                tell("zones", name + ": its router stands elsewhere");
            for (std::size_t i = 0; i < std::min<std::size_t>(zone.count, SWITCH_MEMBERS); ++i)
                if (!zones_of(zone.member[i]).contains(static_cast<std::uint16_t>(number)))
                    tell("zones", name + ": slot " + std::to_string(zone.member[i]) +
                                      " is told of its router from outside");
        }
    }

    const Ir& ir_;
    std::vector<Finding> findings_;
};

template <class Key, class Value, class Same>
void compare(const char* table, const Table<Key, Value>& wanted, const Table<Key, Value>& there, Same same,
             std::vector<Finding>& findings) {
    unsigned missing = 0;
    unsigned other = 0;
    unsigned foreign = 0;
    for (const auto& [key, value] : wanted) {
        const auto found = there.find(key);
        if (found == there.end())
            ++missing;
        else if (!same(value, found->second))
            ++other;
    }
    for (const auto& [key, value] : there) foreign += wanted.contains(key) ? 0 : 1;
    const auto tell = [&](unsigned count, const char* how) {
        if (count != 0) findings.push_back({table, std::to_string(count) + how});
    };
    tell(missing, " entries are not there");
    tell(other, " entries say something else");
    tell(foreign, " entries are there that nobody meant");
}

}  // namespace

std::vector<Finding> disagreements(const Ir& ir) {
    return Reader(ir).read();
}

std::vector<Finding> differences(const Ir& wanted, const Ir& there) {
    std::vector<Finding> findings;
    const auto bytes = [](const auto& a, const auto& b) { return same_bytes(a, b); };
    const auto now = [&](const switch_choice& a, const switch_choice& b) {
        return holds(a, wanted.epoch) == holds(b, there.epoch);
    };
    // Nobody reads the tokens of a bucket as what is meant.
    const auto rate = [](const switch_bucket& a, const switch_bucket& b) {
        return a.rate == b.rate && a.burst == b.burst;
    };
    const auto one = [](std::uint32_t a, std::uint32_t b) { return a == b; };
    compare("sources", wanted.sources, there.sources, bytes, findings);
    compare("addresses", wanted.addresses, there.addresses, bytes, findings);
    compare("outside", wanted.outside, there.outside, one, findings);
    compare("targets", wanted.targets, there.targets, bytes, findings);
    compare("policy", wanted.policy, there.policy, now, findings);
    compare("rules", wanted.rules, there.rules, bytes, findings);
    compare("pairs", wanted.pairs, there.pairs, one, findings);
    compare("passages", wanted.passages, there.passages, one, findings);
    compare("arrivals", wanted.arrivals, there.arrivals, bytes, findings);
    compare("doors", wanted.doors, there.doors, bytes, findings);
    compare("layer2", wanted.layer2, there.layer2, bytes, findings);
    compare("zones", wanted.zones, there.zones, bytes, findings);
    compare("tenants", wanted.tenants, there.tenants, bytes, findings);
    compare("buckets", wanted.buckets, there.buckets, rate, findings);
    return findings;
}

}  // namespace bulkhead::vnet::proof
