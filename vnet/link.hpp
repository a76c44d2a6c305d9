// Network interfaces of this network namespace, over rtnetlink. The one module that knows libnl.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

struct nl_sock;

namespace bulkhead::vnet {

struct Link {
    unsigned ifindex = 0;
    std::string name;
    std::string kind;   // tun, veth, ...; empty: a physical one
    std::string alias;  // a free text that the kernel keeps with the interface
    bool up = false;
    unsigned master = 0;  // ifindex of the bridge or bond that it is a port of
    unsigned lower = 0;   // ifindex of the interface that it stands on; the peer of a veth
    bool promiscuous = false;
    bool loopback = false;
    bool operator==(const Link&) const = default;
};

struct Filter {
    unsigned priority;
    unsigned handle;
};

class Links {
  public:
    // Bound to the network namespace of the calling thread.
    static Result<Links> open();

    Result<std::vector<Link>> all() const;
    Result<std::optional<Link>> find(const std::string& name) const;

    // Addresses that someone gave it; not the link-local ones that it gives itself.
    Result<std::vector<std::string>> addresses(const Link& link) const;

    // Filters on its clsact qdisc, both ways, beside ours in each.
    Result<std::size_t> other_filters(const Link& link, std::optional<Filter> ours) const;

    Result<> set_up(const Link& link, bool up);
    Result<> set_promiscuous(const Link& link, bool promiscuous);
    Result<> make_veth(const std::string& name, const std::string& peer);
    Result<> set_alias(const Link& link, const std::string& alias);
    // Takes it out of its bridge or bond.
    Result<> release(const Link& link);
    // One that is not there any more is fine.
    Result<> remove(const Link& link);

  private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    explicit Links(nl_sock* socket) : socket_(socket) {}
    Result<> set_flag(const Link& link, unsigned flag, bool set, const std::string& what);

    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace bulkhead::vnet
