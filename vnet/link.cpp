#include "vnet/link.hpp"

#include <linux/if.h>
#include <linux/pkt_sched.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/classifier.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/socket.h>

#include <array>
#include <functional>

namespace bulkhead::vnet {
namespace {

struct PutLink {
    void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using LinkHandle = std::unique_ptr<rtnl_link, PutLink>;

struct FreeCache {
    void operator()(nl_cache* cache) const { nl_cache_free(cache); }
};

std::unexpected<Error> fail_netlink(int result, const std::string& what, const std::string& link = {}) {
    return fail(result == -NLE_NODEV ? Code::not_found : Code::io, what + ": " + nl_geterror(result), link);
}

std::string text_or_empty(const char* text) {
    return text == nullptr ? "" : text;
}

Link as_link(rtnl_link* link) {
    return Link{static_cast<unsigned>(rtnl_link_get_ifindex(link)),
                text_or_empty(rtnl_link_get_name(link)),
                text_or_empty(rtnl_link_get_type(link)),
                text_or_empty(rtnl_link_get_ifalias(link)),
                (rtnl_link_get_flags(link) & static_cast<unsigned>(IFF_UP)) != 0,
                static_cast<unsigned>(rtnl_link_get_master(link)),
                static_cast<unsigned>(rtnl_link_get_link(link)),
                (rtnl_link_get_flags(link) & static_cast<unsigned>(IFF_PROMISC)) != 0,
                (rtnl_link_get_flags(link) & static_cast<unsigned>(IFF_LOOPBACK)) != 0};
}

// The link is named by its index, so that one that took over its name is not meant.
Result<> change(nl_sock* socket, const Link& link, const std::string& what,
                const std::function<void(rtnl_link*)>& edit) {
    const LinkHandle original(rtnl_link_alloc());
    const LinkHandle changes(rtnl_link_alloc());
    if (!original || !changes) return fail(Code::internal, "no memory for a netlink message");
    rtnl_link_set_ifindex(original.get(), static_cast<int>(link.ifindex));
    edit(changes.get());
    if (const int result = rtnl_link_change(socket, original.get(), changes.get(), 0); result != 0)
        return fail_netlink(result, what, link.name);
    return {};
}

}  // namespace

void Links::Free::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

Result<Links> Links::open() {
    Links links(nl_socket_alloc());
    if (!links.socket_) return fail(Code::internal, "no memory for a netlink socket");
    if (const int result = nl_connect(links.socket_.get(), NETLINK_ROUTE); result != 0)
        return fail_netlink(result, "can't open a netlink socket");
    return links;
}

Result<std::vector<Link>> Links::all() const {
    nl_cache* listed = nullptr;
    if (const int result = rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &listed); result != 0)
        return fail_netlink(result, "can't list the network interfaces");
    const std::unique_ptr<nl_cache, FreeCache> cache(listed);
    std::vector<Link> links;
    for (nl_object* object = nl_cache_get_first(cache.get()); object != nullptr;
         object = nl_cache_get_next(object))
        links.push_back(as_link(reinterpret_cast<rtnl_link*>(object)));  // libnl's own way of subclassing
    return links;
}

Result<std::optional<Link>> Links::find(const std::string& name) const {
    rtnl_link* found = nullptr;
    const int result = rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found);
    const LinkHandle link(found);
    if (result == -NLE_NODEV || result == -NLE_OBJ_NOTFOUND) return std::nullopt;
    if (result != 0) return fail_netlink(result, "can't ask for a network interface", name);
    return as_link(link.get());
}

Result<std::vector<std::string>> Links::addresses(const Link& link) const {
    nl_cache* listed = nullptr;
    if (const int result = rtnl_addr_alloc_cache(socket_.get(), &listed); result != 0)
        return fail_netlink(result, "can't list the addresses", link.name);
    const std::unique_ptr<nl_cache, FreeCache> cache(listed);
    std::vector<std::string> found;
    for (nl_object* object = nl_cache_get_first(cache.get()); object != nullptr;
         object = nl_cache_get_next(object)) {
        auto* address = reinterpret_cast<rtnl_addr*>(object);  // libnl's own way of subclassing
        if (static_cast<unsigned>(rtnl_addr_get_ifindex(address)) != link.ifindex ||
            rtnl_addr_get_scope(address) == RT_SCOPE_LINK)
            continue;
        std::array<char, 64> text{};
        found.emplace_back(nl_addr2str(rtnl_addr_get_local(address), text.data(), text.size()));
    }
    return found;
}

Result<std::size_t> Links::other_filters(const Link& link, std::optional<Filter> ours) const {
    std::size_t others = 0;
    for (const std::uint32_t parent : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS}) {
        nl_cache* listed = nullptr;
        const int result = rtnl_cls_alloc_cache(socket_.get(), static_cast<int>(link.ifindex),
                                                TC_H_MAKE(TC_H_CLSACT, parent), &listed);
        if (result == -NLE_INVAL || result == -NLE_OBJ_NOTFOUND) continue;  // no such qdisc
        if (result != 0) return fail_netlink(result, "can't list the filters", link.name);
        const std::unique_ptr<nl_cache, FreeCache> cache(listed);
        for (nl_object* object = nl_cache_get_first(cache.get()); object != nullptr;
             object = nl_cache_get_next(object)) {
            auto* filter = reinterpret_cast<rtnl_cls*>(object);  // libnl's own way of subclassing
            const Filter there{rtnl_cls_get_prio(filter), rtnl_tc_get_handle(TC_CAST(filter))};
            // A classifier announces itself once without a handle.
            const bool is_ours = ours && there.priority == ours->priority &&
                                 (there.handle == 0 || there.handle == ours->handle);
            if (!is_ours) ++others;
        }
    }
    return others;
}

Result<> Links::set_flag(const Link& link, unsigned flag, bool set, const std::string& what) {
    return change(socket_.get(), link, what, [&](rtnl_link* changes) {
        if (set)
            rtnl_link_set_flags(changes, flag);
        else
            rtnl_link_unset_flags(changes, flag);
    });
}

Result<> Links::set_up(const Link& link, bool up) {
    return set_flag(link, IFF_UP, up, up ? "can't set up" : "can't set down");
}

Result<> Links::set_promiscuous(const Link& link, bool promiscuous) {
    return set_flag(link, IFF_PROMISC, promiscuous, "can't change what it receives");
}

Result<> Links::make_veth(const std::string& name, const std::string& peer) {
    const LinkHandle link(rtnl_link_veth_alloc());
    if (!link) return fail(Code::internal, "no memory for a netlink message");
    const LinkHandle other(rtnl_link_veth_get_peer(link.get()));
    rtnl_link_set_name(link.get(), name.c_str());
    rtnl_link_set_name(other.get(), peer.c_str());
    if (const int result = rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL); result != 0)
        return fail_netlink(result, "can't make a pair of interfaces", name);
    return {};
}

Result<> Links::set_alias(const Link& link, const std::string& alias) {
    return change(socket_.get(), link, "can't set the alias",
                  [&](rtnl_link* changes) { rtnl_link_set_ifalias(changes, alias.c_str()); });
}

Result<> Links::release(const Link& link) {
    if (const int result = rtnl_link_release_ifindex(socket_.get(), static_cast<int>(link.ifindex));
        result != 0)
        return fail_netlink(result, "can't release from its master", link.name);
    return {};
}

Result<> Links::remove(const Link& link) {
    const LinkHandle handle(rtnl_link_alloc());
    if (!handle) return fail(Code::internal, "no memory for a netlink message");
    rtnl_link_set_ifindex(handle.get(), static_cast<int>(link.ifindex));
    const int result = rtnl_link_delete(socket_.get(), handle.get());
    if (result != 0 && result != -NLE_NODEV) return fail_netlink(result, "can't remove", link.name);
    return {};
}

}  // namespace bulkhead::vnet
