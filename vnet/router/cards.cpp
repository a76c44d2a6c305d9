#include "vnet/router/cards.hpp"

#include "vnet/interfaces.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet::router {

// Fewer fields than a port's alias (alias.hpp): it is never taken for one.
std::string Cards::mark_of(const model::TenantName& tenant) const {
    return "bulkhead:" + layout_.owner + ":uplink:" + tenant.str();
}

Result<> Cards::take(const std::string& card, const model::TenantName& tenant) {
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(card));
    if (!link) return fail(Code::not_found, "there is no network card of this name", card);
    if (link->alias.starts_with("bulkhead:") && link->alias != mark_of(tenant))
        return fail(Code::conflict, "the card serves something else: " + link->alias, card,
                    "a network card that nobody else uses");
    BULKHEAD_TRY(Interfaces(layout_, links_).may_be_taken(*link));
    BULKHEAD_TRY(links_.set_alias(*link, mark_of(tenant)));
    BULKHEAD_TRY(hush(card));
    return links_.set_up(*link, true);
}

Result<> Cards::share(const std::string& card, const model::TenantName& tenant) {
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(card));
    if (!link) return fail(Code::not_found, "there is no network card of this name", card);
    // The tenant's own, until its router has changed from the whole card to a tag.
    if (link->alias.starts_with("bulkhead:") && link->alias != mark_of(tenant))
        return fail(Code::conflict, "the card serves something else whole: " + link->alias, card,
                    "a network card that the switch and untagged uplinks leave alone");
    return links_.set_up(*link, true);
}

Result<> Cards::give_back(const model::TenantName& tenant, const std::set<std::string>& kept,
                          const std::set<std::string>& shared) {
    BULKHEAD_TRY_ASSIGN(const auto links, links_.all());
    for (const Link& link : links) {
        if (link.alias != mark_of(tenant) || kept.contains(link.name)) continue;
        if (!shared.contains(link.name)) BULKHEAD_TRY(links_.set_up(link, false));
        BULKHEAD_TRY(unhush(link.name));
        BULKHEAD_TRY(links_.set_alias(link, ""));  // last: until then it is ours to give back
    }
    return {};
}

}  // namespace bulkhead::vnet::router
