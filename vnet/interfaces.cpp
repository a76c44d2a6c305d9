#include "vnet/interfaces.hpp"

#include <algorithm>

#include "vnet/alias.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet {

using model::PortKind;

bool has_interface(PortKind kind) {
    return kind != PortKind::host && kind != PortKind::outside;
}

Result<std::optional<Link>> Interfaces::find(const model::Port& port) const {
    BULKHEAD_TRY_ASSIGN(auto link, links_.find(port.name.str()));
    if (!link && port.kind == PortKind::wire)
        return fail(Code::not_found, "there is no network card of this name", port.name.str());
    if (!link || port_of(layout_, *link)) return link;
    if (port.kind == PortKind::wire) {
        BULKHEAD_TRY(may_be_taken(*link));
        return link;
    }
    // A router's own process may have made the pair, and a crash may have left one without its owner's word.
    if ((port.kind == PortKind::router || port.kind == PortKind::guard) && link->kind == "veth" &&
        link->alias.empty())
        return link;
    return fail(Code::conflict, "a network interface that is not ours has the name of a port",
                port.name.str(), "no interface of that name", "ip link delete " + port.name.str());
}

// Never one that the host itself uses: the way to the gateway may lead over it.
Result<> Interfaces::may_be_taken(const Link& link) const {
    const auto refuse = [&](const std::string& why, const std::string& mend) {
        return fail(Code::refused, "the switch does not take over " + link.name + ": " + why, link.name,
                    "a network card that nobody else uses", mend);
    };
    if (link.loopback || link.kind == "tun" || link.kind == "bridge" || link.kind == "bond")
        return refuse("it is no network card", "name another");
    if (link.master != 0)
        return refuse("it is a port of a bridge or a bond", "ip link set " + link.name + " nomaster");
    BULKHEAD_TRY_ASSIGN(const auto addresses, links_.addresses(link));
    if (!addresses.empty())
        return refuse("the host has the address " + addresses.front() + " on it",
                      "ip address flush dev " + link.name + ", if nothing needs it");
    BULKHEAD_TRY_ASSIGN(const auto links, links_.all());
    for (const Link& other : links)
        if (other.lower == link.ifindex && other.kind != "veth" && other.ifindex != link.ifindex)
            return refuse(other.name + " stands on it", "ip link delete " + other.name);
    return {};
}

Result<Link> Interfaces::made(const model::Port& port) const {
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(port.name.str()));
    if (!link) return fail(Code::internal, "an interface that was made is not there", port.name.str());
    return *link;
}

// It stays only once it says whose it is.
Result<Link> Interfaces::make_tap(const model::Port& port) {
    BULKHEAD_TRY_ASSIGN(const Fd tap, open_tap(port.name.str()));
    BULKHEAD_TRY_ASSIGN(const auto link, made(port));
    BULKHEAD_TRY(links_.set_alias(link, alias_of(layout_, port)));
    BULKHEAD_TRY(persist(tap));
    return link;
}

Result<Link> Interfaces::make(const model::Port& port) {
    if (port.kind != PortKind::router && port.kind != PortKind::guard) return make_tap(port);
    const auto leg = port.kind == PortKind::router ? model::router_leg_name(port.zone)
                                                   : model::guard_leg_name(port.tenant);
    BULKHEAD_TRY(links_.make_veth(port.name.str(), leg.str()));
    return made(port);
}

Result<Link> Interfaces::prepare(const model::Port& port, const std::optional<Link>& there) {
    Link link;
    if (there) {
        BULKHEAD_TRY(links_.set_up(*there, false));
        link = *there;
    } else {
        BULKHEAD_TRY_ASSIGN(link, make(port));
    }
    BULKHEAD_TRY(links_.set_alias(link, alias_of(layout_, port)));
    if (link.master != 0) BULKHEAD_TRY(links_.release(link));
    BULKHEAD_TRY(hush(link.name));
    // The hosts behind a wire send to the addresses of those whom they talk to, not to the card's.
    if (port.kind == PortKind::wire) BULKHEAD_TRY(links_.set_promiscuous(link, true));
    return link;
}

bool Interfaces::is_sound(const model::Port& port, const Link& link) const {
    return link.alias == alias_of(layout_, port) && port_of(layout_, link) && link.up && link.master == 0 &&
           (port.kind != PortKind::wire || link.promiscuous) && is_hushed(link.name);
}

Result<> Interfaces::set_up(const Link& link) {
    return links_.set_up(link, true);
}

Result<> Interfaces::give_up(const Link& link, PortKind kind) {
    BULKHEAD_TRY(links_.set_up(link, false));
    if (kind != PortKind::wire) return links_.remove(link);
    BULKHEAD_TRY(links_.set_promiscuous(link, false));
    BULKHEAD_TRY(unhush(link.name));
    return links_.set_alias(link, "");  // last: until then it is ours to give back
}

}  // namespace bulkhead::vnet
