#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

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

// Only unique local and global unicast addresses are a zone's (RFC 4193, RFC 4291).
std::optional<model::Ipv6Prefix> check_subnet6(Findings& findings, const std::string& path,
                                               const std::string& value) {
    if (value.empty()) return std::nullopt;
    const auto subnet = model::parse_prefix6(value);
    if (!subnet) {
        findings.add(path, subnet.error());
        return std::nullopt;
    }
    static constexpr model::Ipv6Prefix unique_local{{{0xFC}}, 7};
    static constexpr model::Ipv6Prefix global{{{0x20}}, 3};
    if (subnet->length == 64 && (unique_local.contains(subnet->network) || global.contains(subnet->network)))
        return *subnet;
    findings.add(path, in_quotes(value) + " can't be the IPv6 subnet of a zone",
                 "a unique local or global unicast /64, such as fd20:1::/64");
    return std::nullopt;
}

std::vector<std::uint16_t> check_protocols(Findings& findings, const std::string& list,
                                           const v1alpha1::Zone& in) {
    std::vector<std::uint16_t> ethertypes;
    const auto count = check_count(findings, list, in.protocols_size(), most::protocols);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& name = in.protocols(static_cast<int>(i));
        const auto service = model::parse_service(name);
        if (!service || service->transport != model::Transport::layer2)
            findings.add(item(list, i), in_quotes(name) + " is no industrial protocol without IP",
                         "profinet, goose or ethercat");
        else if (std::ranges::find(ethertypes, service->port) != ethertypes.end())
            findings.add(item(list, i), in_quotes(name) + " is there twice");
        else
            ethertypes.push_back(service->port);
    }
    return ethertypes;
}

void overlap(Validation& run, std::size_t later, std::size_t earlier, const std::string& field,
             const std::string& mine, const std::string& theirs) {
    run.findings.add(
        item("zones", later) + field,
        mine + " overlaps " + theirs + " of zone " + in_quotes(run.out.zones[earlier].name.str()),
        "subnets that do not overlap",
        "change it here or at " + run.findings.place(item("zones", earlier) + field));
}

void check_apart(Validation& run, std::size_t later) {
    const auto& subnet = run.out.zones[later].subnet;
    for (std::size_t i = 0; i < later; ++i)
        if (const auto& other = run.out.zones[i].subnet; other.length != 0 && other.overlaps(subnet))
            return overlap(run, later, i, ".subnet", to_string(subnet), to_string(other));
}

void check_apart6(Validation& run, std::size_t later) {
    const auto& subnet = *run.out.zones[later].subnet6;
    for (std::size_t i = 0; i < later; ++i)
        if (const auto& other = run.out.zones[i].subnet6; other && other->overlaps(subnet))
            return overlap(run, later, i, ".subnet6", to_string(subnet), to_string(*other));
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
        model::Zone out{model::ZoneName(in.name()), model::TenantName(in.tenant()),
                        subnet.value_or(model::Ipv4Prefix{})};
        out.subnet6 = check_subnet6(run.findings, path + ".subnet6", in.subnet6());
        out.level = static_cast<model::Level>(in.level());
        out.ethertypes = check_protocols(run.findings, path + ".protocols", in);
        run.out.zones.push_back(std::move(out));
        if (subnet) check_apart(run, i);
        if (run.out.zones.back().subnet6) check_apart6(run, i);
        if (in.has_wire()) validate_wire(run, i);
    }
}

}  // namespace bulkhead::spec
