#include "vnet/proof/atoms.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::proof {
namespace {

// The address after, as a number of 128 bits.
switch_address next(const switch_address& address) {
    auto bytes = explain::bytes_of(address);
    for (std::size_t i = bytes.size(); i-- > 0;)
        if (++bytes[i] != 0) break;
    return explain::address_of(bytes);
}

// The first address behind a prefix.
switch_address behind(const switch_prefix& prefix) {
    auto bytes = explain::bytes_of(prefix.address);
    for (unsigned bit = prefix.length; bit < 128; ++bit)
        bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return next(explain::address_of(bytes));
}

const switch_prefix* longer_one_over(const Ir& ir, const switch_prefix& prefix,
                                     const switch_address& address) {
    const switch_prefix* longest = nullptr;
    for (const auto& [other, slot] : ir.outside)
        if (other.length > prefix.length && explain::lies_in(address, other) &&
            (longest == nullptr || other.length < longest->length))
            longest = &other;
    return longest;
}

void add_prefixes(const Ir& ir, std::vector<Destination>& all) {
    for (const auto& [prefix, slot] : ir.outside) {
        switch_address address{};
        if (address_in(ir, prefix, address)) all.push_back({slot, address});
    }
}

}  // namespace

bool address_in(const Ir& ir, const switch_prefix& prefix, switch_address& address) {
    address = next(prefix.address);  // the network's own address would do as well, but looks odd
    if (prefix.length == 128) address = prefix.address;
    // Each step leaves one longer prefix or one host behind, so there are no more steps than those.
    while (explain::lies_in(address, prefix)) {
        if (const switch_prefix* longer = longer_one_over(ir, prefix, address))
            address = behind(*longer);
        else if (explain::endpoint_of(ir, address) != nullptr)
            address = next(address);
        else
            return true;
        if (explain::is_none(address)) return false;  // past the last of all
    }
    return false;
}

std::vector<Origin> origins(const Ir& ir) {
    std::vector<Origin> all;
    for (const auto& [ifindex, source] : ir.sources) {
        if (source.kind == switch_mirror || source.kind == switch_wire) continue;
        // A guard may claim to be anyone that there is.
        if (source.kind == switch_guard)
            for (const auto& [address, endpoint] : ir.addresses)
                all.push_back({ifindex, endpoint.slot, address});
        for (const auto& address : {source.address, source.address6})
            if (!explain::is_none(address)) all.push_back({ifindex, source.slot, address});
        if (source.kind != switch_router) continue;
        for (const auto& [prefix, slot] : ir.outside) {
            switch_address address{};
            if (slot != 0 && address_in(ir, prefix, address)) all.push_back({ifindex, slot, address});
        }
    }
    for (const auto& [address, endpoint] : ir.addresses) {
        const switch_target* target = explain::target_of(ir, endpoint.slot);
        const auto source = target ? ir.sources.find(target->ifindex) : ir.sources.end();
        if (source != ir.sources.end() && source->second.kind == switch_wire)
            all.push_back({target->ifindex, endpoint.slot, address});
    }
    return all;
}

std::vector<Destination> destinations(const Ir& ir) {
    std::vector<Destination> all;
    for (const auto& [address, endpoint] : ir.addresses) all.push_back({endpoint.slot, address});
    add_prefixes(ir, all);
    // And one of each family that is nobody's at all, if there is one.
    for (const switch_prefix& everything :
         {switch_prefix{96, to_wire(model::Ipv4{})}, switch_prefix{0, switch_address{}}}) {
        if (ir.outside.contains(everything)) continue;
        switch_address address{};
        if (address_in(ir, everything, address)) all.push_back({0, address});
    }
    return all;
}

std::uint16_t unnamed_port(const Ir& ir) {
    // Not DHCP's either: those have a way of their own.
    std::set<std::uint16_t> named{0, 67, 68, 546, 547};
    for (const auto& [flow, choice] : ir.policy) named.insert(ntohs(flow.port));
    std::uint16_t port = 49152;  // dynamic ones first (RFC 6335)
    while (named.contains(port)) ++port;
    return port;
}

}  // namespace bulkhead::vnet::proof
