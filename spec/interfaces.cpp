#include <algorithm>
#include <optional>

#include "model/resources.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// The zone that the interface may be in, or null, which is told.
const model::Zone* check_zone(Validation& run, const std::string& path, const std::string& name,
                              std::size_t partition_index) {
    const auto index = run.zones.refer(run.findings, path, name);
    if (index == Declared::npos) return nullptr;
    const auto& zone = run.out.zones[index];
    const auto& partition = run.out.partitions[partition_index];
    const bool tenants_known = !run.findings.is_broken(item("zones", index) + ".tenant") &&
                               !run.findings.is_broken(item("partitions", partition_index) + ".tenant");
    if (tenants_known && zone.tenant != partition.tenant)
        run.findings.add(path,
                         "zone " + in_quotes(name) + " belongs to tenant " + in_quotes(zone.tenant.str()) +
                             ", partition " + in_quotes(partition.name.str()) + " to " +
                             in_quotes(partition.tenant.str()),
                         "a zone of the partition's own tenant", "reach other tenants through a conduit");
    return &zone;
}

}  // namespace

std::optional<model::Ipv4> check_address(Validation& run, const std::string& path, const std::string& value,
                                         const model::Zone* zone) {
    if (value.empty()) {
        missing(run.findings, path, "an IPv4 address inside the zone's subnet");
        return std::nullopt;
    }
    const auto address = model::parse_ipv4(value);
    if (!address) {
        run.findings.add(path, address.error());
        return std::nullopt;
    }
    if (zone != nullptr && zone->subnet.length != 0 && !zone->subnet.is_host(*address))
        run.findings.add(
            path,
            zone->subnet.contains(*address)
                ? value + " is the network or broadcast address of zone " + in_quotes(zone->name.str())
                : value + " is outside zone " + in_quotes(zone->name.str()),
            "a host address in " + to_string(zone->subnet));
    return *address;
}

std::optional<model::Ipv6> check_address6(Validation& run, const std::string& path, const std::string& value,
                                          const model::Zone* zone, const model::Mac& mac) {
    const bool speaks = zone != nullptr && zone->subnet6.has_value();
    if (value.empty()) return speaks ? std::optional(model::eui64(*zone->subnet6, mac)) : std::nullopt;
    const auto address = model::parse_ipv6(value);
    if (!address) {
        run.findings.add(path, address.error());
        return std::nullopt;
    }
    if (zone != nullptr && !speaks)
        run.findings.add(path, "zone " + in_quotes(zone->name.str()) + " has no subnet6", {},
                         "give the zone one, or remove the address");
    else if (speaks && (!zone->subnet6->contains(*address) || *address == zone->subnet6->network))
        run.findings.add(path, value + " is outside zone " + in_quotes(zone->name.str()),
                         "a host address in " + to_string(*zone->subnet6));
    return *address;
}

void check_unique_address(Validation& run, const std::string& path, const std::string& address) {
    if (const std::string* first = run.addresses.put(address, path))
        run.findings.add(path, address + " is the address of another interface", {},
                         "change it here or at " + run.findings.place(*first));
}

namespace {

// Nothing but the word itself: a mirror hears, and is nobody.
void check_mirror(Validation& run, const std::string& path, const v1alpha1::Interface& in) {
    const auto refuse = [&](const char* key, bool given) {
        if (given) run.findings.add(path + "." + key, std::string("a mirror has no ") + key, {}, "remove it");
    };
    refuse("zone", !in.zone().empty());
    refuse("address", !in.address().empty());
    refuse("address6", !in.address6().empty());
    refuse("dhcp", in.dhcp());
    refuse("rate", !in.rate().empty());
}

model::Interface validate_interface(Validation& run, const std::string& path, const v1alpha1::Interface& in,
                                    std::size_t partition, unsigned index) {
    model::Interface out;
    out.mirror = in.mirror();
    if (out.mirror) {
        check_mirror(run, path, in);
        return out;
    }
    const auto* zone = check_zone(run, path + ".zone", in.zone(), partition);
    const auto address = check_address(run, path + ".address", in.address(), zone);
    const auto mac = model::port_mac(run.out.gateway, run.out.partitions[partition].name, index);
    out.zone = model::ZoneName(in.zone());
    out.address = address.value_or(model::Ipv4{});
    out.address6 = check_address6(run, path + ".address6", in.address6(), zone, mac);
    out.dhcp = in.dhcp();
    if (out.dhcp && out.address6 && *out.address6 != model::eui64(*zone->subnet6, mac))
        run.findings.add(path + ".address6", "a guest that asks for its addresses makes this one itself",
                         "no address6 beside dhcp, or " + to_string(model::eui64(*zone->subnet6, mac)));
    out.rate = check_rate(run.findings, path + ".rate", in.rate());
    if (address) check_unique_address(run, path + ".address", to_string(*address));
    if (out.address6) check_unique_address(run, path + ".address6", to_string(*out.address6));
    return out;
}

}  // namespace

void validate_interfaces(Validation& run) {
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string list = item("partitions", i) + ".interfaces";
        const auto count = check_count(run.findings, list, in.interfaces_size(), most::interfaces);
        for (std::size_t j = 0; j < count; ++j)
            run.out.partitions[i].interfaces.push_back(validate_interface(
                run, item(list, j), in.interfaces(static_cast<int>(j)), i, static_cast<unsigned>(j)));
    }
}

}  // namespace bulkhead::spec
