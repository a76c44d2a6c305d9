#include <algorithm>
#include <array>
#include <optional>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// Addresses that no host of a zone can have (RFC 6890): this network, loopback, link-local, multicast and
// above.
bool is_usable(const model::Ipv4Prefix& subnet) {
    static constexpr std::array<model::Ipv4Prefix, 4> unusable{
        {{{0x00000000}, 8}, {{0x7F000000}, 8}, {{0xA9FE0000}, 16}, {{0xE0000000}, 3}}};
    return std::ranges::none_of(unusable, [&](const auto& prefix) { return prefix.overlaps(subnet); });
}

std::optional<model::Ipv4Prefix> check_subnet(Findings& findings, const std::string& path,
                                              const std::string& value) {
    if (value.empty()) {
        missing(findings, path, "an IPv4 prefix such as 10.20.1.0/24");
        return std::nullopt;
    }
    const auto subnet = model::parse_prefix(value);
    if (!subnet) {
        findings.add(path, subnet.error());
        return std::nullopt;
    }
    if (subnet->length < 8 || subnet->length > 30 || !is_usable(*subnet)) {
        findings.add(path, in_quotes(value) + " can't be the subnet of a zone",
                     "a unicast prefix from /8 to /30, such as 10.20.1.0/24");
        return std::nullopt;
    }
    return *subnet;
}

void check_apart(Validation& run, std::size_t later) {
    const auto& zone = run.out.zones[later];
    for (std::size_t i = 0; i < later; ++i) {
        const auto& other = run.out.zones[i];
        if (other.subnet.length == 0 || !other.subnet.overlaps(zone.subnet)) continue;
        run.findings.add(item("zones", later) + ".subnet",
                         to_string(zone.subnet) + " overlaps " + to_string(other.subnet) + " of zone " +
                             in_quotes(other.name.str()),
                         "subnets that do not overlap",
                         "change it here or at " + run.findings.place(item("zones", i) + ".subnet"));
        return;
    }
}

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

}  // namespace

// A subnet that could not be read stays /0, which no zone can have.
void validate_zones(Validation& run) {
    const auto count = check_count(run.findings, "zones", run.in.zones_size(), most::zones);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.zones(static_cast<int>(i));
        const std::string path = item("zones", i);
        run.zones.declare(run.findings, path + ".name", in.name());
        run.tenants.refer(run.findings, path + ".tenant", in.tenant());
        const auto subnet = check_subnet(run.findings, path + ".subnet", in.subnet());
        run.out.zones.push_back({model::ZoneName(in.name()), model::TenantName(in.tenant()),
                                 subnet.value_or(model::Ipv4Prefix{})});
        if (subnet) check_apart(run, i);
    }
}

void validate_interfaces(Validation& run) {
    Unique addresses;
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string list = item("partitions", i) + ".interfaces";
        const auto count = check_count(run.findings, list, in.interfaces_size(), most::interfaces);
        for (std::size_t j = 0; j < count; ++j) {
            const auto& interface = in.interfaces(static_cast<int>(j));
            const std::string path = item(list, j);
            const auto* zone = check_zone(run, path + ".zone", interface.zone(), i);
            const auto address = check_address(run, path + ".address", interface.address(), zone);
            if (address)
                if (const std::string* first = addresses.put(to_string(*address), path + ".address"))
                    run.findings.add(path + ".address",
                                     to_string(*address) + " is the address of another interface", {},
                                     "change it here or at " + run.findings.place(*first));
            run.out.partitions[i].interfaces.push_back(
                {model::ZoneName(interface.zone()), address.value_or(model::Ipv4{})});
        }
    }
}

}  // namespace bulkhead::spec
