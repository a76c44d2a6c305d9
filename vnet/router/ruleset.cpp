#include "vnet/router/ruleset.hpp"

#include <algorithm>
#include <functional>

#include "vnet/router/links.hpp"

namespace bulkhead::vnet::router {
namespace {

template <class T, class Word>
std::string set_of(const std::vector<T>& items, Word word) {
    std::string text;
    for (const auto& each : items)
        text += (text.empty() ? "{ " : ", ") + std::string(std::invoke(word, each));
    return text + " }";
}

std::string quoted(const std::string& name) {
    return "\"" + name + "\"";
}
std::string leg_word(const model::RouterLeg& leg) {
    return quoted(model::router_leg_name(leg.zone).str());
}
std::string uplink_word(const model::RouterUplink& uplink) {
    return quoted(uplink.leg.str());
}
template <class Prefix>
std::string prefixes(const std::vector<Prefix>& all) {
    // A set of nft takes no two prefixes of which one holds the other.
    std::vector<Prefix> apart;
    for (const auto& each : all)
        if (std::ranges::none_of(all, [&](const auto& other) {
                return other.length < each.length && other.contains(each.network);
            }))
            apart.push_back(each);
    return set_of(apart, [](const auto& each) { return to_string(each); });
}

std::vector<model::RouterUplink> with_ipv6(std::vector<model::RouterUplink> uplinks) {
    std::erase_if(uplinks, [](const auto& each) { return !each.address6; });
    return uplinks;
}

// The words that differ between the families.
struct Family {
    const char* address;
    const char* echo;
};
constexpr Family ipv4{"ip", "icmp type echo-request"};
constexpr Family ipv6{"ip6", "icmpv6 type echo-request"};

std::string opens(const model::Service& service, const Family& family = ipv4) {
    switch (service.transport) {
        case model::Transport::icmp:
            return family.echo;
        case model::Transport::tcp:
            return "tcp dport " + std::to_string(service.port);
        case model::Transport::udp:
            return "udp dport " + std::to_string(service.port);
        case model::Transport::layer2:
            break;  // spec/ lets none of it out
    }
    return "meta l4proto 255";
}

class Text {
  public:
    void chain(const std::string& name, const std::string& hook, const std::string& policy) {
        text_ += "\tchain " + name + " {\n";
        line("type " + hook + "; policy " + policy + ";");
    }
    void line(const std::string& words) { text_ += "\t\t" + words + "\n"; }
    void end() { text_ += "\t}\n"; }
    std::string take() && { return std::move(text_); }

  private:
    std::string text_;
};

const std::string established = "ct state established,related accept";

// Neighbours beyond the uplinks that have IPv6.
void neighbours(const model::TenantRouter& router, const std::string& direction, Text& text) {
    const auto uplinks = with_ipv6(router.uplinks);
    if (!uplinks.empty())
        text.line(direction + " " + set_of(uplinks, uplink_word) +
                  " icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept");
}

// To the router itself.
void input(const model::TenantRouter& router, Text& text) {
    text.chain("input", "filter hook input priority filter", "drop");
    text.line(established);
    text.line("iifname \"lo\" accept");
    const auto legs = set_of(router.legs, leg_word);
    if (!router.leases.empty()) text.line("iifname " + legs + " udp sport 68 udp dport 67 accept");
    if (!router.names.empty()) text.line("iifname " + legs + " meta l4proto { tcp, udp } th dport 53 accept");
    text.line("iifname " + legs +
              " icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept");
    neighbours(router, "iifname", text);
    text.end();
}

void output(const model::TenantRouter& router, Text& text) {
    text.chain("output", "filter hook output priority filter", "drop");
    text.line(established);
    text.line("oifname \"lo\" accept");
    const auto legs = set_of(router.legs, leg_word);
    if (!router.leases.empty()) text.line("oifname " + legs + " udp sport 67 udp dport 68 accept");
    text.line("oifname " + legs +
              " icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept");
    neighbours(router, "oifname", text);
    if (!router.resolvers.empty() && !router.uplinks.empty())
        text.line("oifname " + set_of(router.uplinks, uplink_word) + " ip daddr " +
                  set_of(router.resolvers, [](const auto& each) { return to_string(each); }) +
                  " meta l4proto { tcp, udp } th dport 53 accept");
    for (const auto& uplink : router.uplinks)
        for (const auto& target : uplink.probe.targets)
            text.line("oifname " + uplink_word(uplink) + " ip daddr " + to_string(target.address) + " " +
                      opens(target.service) + " accept");
    text.end();
}

template <class Flow>
std::string outwards(const std::string& legs, const std::string& uplinks, const Flow& flow,
                     const Family& family) {
    const std::string address = family.address;
    return "iifname " + legs + " oifname " + uplinks + " " + address + " saddr " + to_string(flow.inside) +
           " " + address + " daddr " + prefixes(flow.outside) + " " + opens(flow.service, family) + " accept";
}

// Only what was forwarded: nobody outside knows an address of a zone.
std::string inwards(const std::string& legs, const std::string& uplinks, const model::RoutedFlow& flow) {
    return "iifname " + uplinks + " oifname " + legs + " ct status dnat ip saddr " + prefixes(flow.outside) +
           " ip daddr " + to_string(flow.inside) + " " + opens(flow.service) + " accept";
}

void forward(const model::TenantRouter& router, Text& text) {
    text.chain("forward", "filter hook forward priority filter", "drop");
    text.line(established);
    const auto legs = set_of(router.legs, leg_word);
    if (!router.uplinks.empty()) {
        const auto uplinks = set_of(router.uplinks, uplink_word);
        for (const auto& flow : router.flows)
            text.line(flow.outwards ? outwards(legs, uplinks, flow, ipv4) : inwards(legs, uplinks, flow));
    }
    if (const auto some = with_ipv6(router.uplinks); !some.empty()) {
        const auto uplinks = set_of(some, uplink_word);
        for (const auto& flow : router.flows6) text.line(outwards(legs, uplinks, flow, ipv6));
    }
    text.end();
}

// Nobody outside has an address of a zone. Answers to what came in over an uplink leave over the same one.
void marks(const model::TenantRouter& router, Text& text) {
    text.chain("marks", "filter hook prerouting priority mangle", "accept");
    text.line("iifname " + set_of(router.uplinks, uplink_word) + " ip saddr " +
              set_of(router.legs, [](const auto& leg) { return to_string(leg.subnet); }) + " drop");
    for (const auto& leg : router.legs)
        if (leg.subnet6)
            text.line("iifname " + set_of(router.uplinks, uplink_word) + " ip6 saddr " +
                      to_string(*leg.subnet6) + " drop");
    for (const auto& uplink : router.uplinks)
        text.line("iifname " + uplink_word(uplink) + " ct state new ct mark set " +
                  std::to_string(number_of(router, uplink)));
    text.line("iifname " + set_of(router.legs, leg_word) + " ct direction reply meta mark set ct mark");
    text.end();
}

void translations(const model::TenantRouter& router, Text& text) {
    text.chain("forwards", "nat hook prerouting priority dstnat", "accept");
    for (const auto& forward : router.forwards) {
        const auto uplink = std::ranges::find(router.uplinks, forward.uplink, &model::RouterUplink::name);
        if (uplink == router.uplinks.end()) continue;
        text.line("iifname " + uplink_word(*uplink) + " ip daddr " + to_string(uplink->address.address) +
                  " " + opens(forward.service) + " dnat ip to " + to_string(forward.to) + ":" +
                  std::to_string(forward.port));
    }
    text.end();
    text.chain("addresses", "nat hook postrouting priority srcnat", "accept");
    text.line("oifname " + set_of(router.uplinks, uplink_word) + " masquerade");
    text.end();
}

}  // namespace

std::string ruleset(const model::TenantRouter& router) {
    Text text;
    input(router, text);
    forward(router, text);
    output(router, text);
    if (!router.uplinks.empty()) {
        marks(router, text);
        translations(router, text);
    }
    // The namespace is the router's alone: what else is there is nobody's who may have it.
    return "flush ruleset\ntable inet bulkhead {\n" + std::move(text).take() + "}\n";
}

}  // namespace bulkhead::vnet::router
