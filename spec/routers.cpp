#include <algorithm>
#include <string>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "model/resources.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

bool is_dns_name(std::string_view name) {
    return !name.empty() && name.size() <= 253 &&
           std::ranges::all_of(split_text(name, '.'), [](const auto& part) { return is_label(part); });
}

// The gateway's address must be nobody else's.
void check_gateway_is_free(Validation& run, const std::string& path, const model::Zone& zone) {
    const auto check = [&](const std::string& address) {
        if (const std::string* first = run.addresses.put(address, path))
            run.findings.add(
                path,
                address + " is the router's in zone " + in_quotes(zone.name.str()) + ", and taken already",
                {}, "give another address at " + run.findings.place(*first));
    };
    if (zone.subnet.length != 0) check(to_string(gateway_of(zone.subnet)));
    if (zone.subnet6) check(to_string(gateway_of(*zone.subnet6)));
}

void validate_zones_of(Validation& run, const std::string& list, const v1alpha1::Router& in,
                       model::Router& out) {
    const auto count = check_count(run.findings, list, in.zones_size(), most::zones);
    if (count == 0) missing(run.findings, list, "zones of the tenant");
    for (std::size_t i = 0; i < count; ++i) {
        const std::string path = item(list, i);
        const auto& name = in.zones(static_cast<int>(i));
        const auto index = run.zones.refer(run.findings, path, name);
        if (index == Declared::npos || index >= run.out.zones.size()) continue;
        const auto& zone = run.out.zones[index];
        if (zone.tenant != out.tenant)
            run.findings.add(path,
                             "zone " + in_quotes(name) + " belongs to tenant " + in_quotes(zone.tenant.str()),
                             "a zone of tenant " + in_quotes(out.tenant.str()));
        else if (run.out.router_of(zone.name) != nullptr ||
                 std::ranges::find(out.zones, zone.name) != out.zones.end())
            run.findings.add(path, "zone " + in_quotes(name) + " has a router already", {},
                             "remove one of them");
        else
            check_gateway_is_free(run, path, zone);
        out.zones.push_back(zone.name);
    }
}

// A way out is one tenant's; the management's is none's, so that no failure moves the one onto the other.
void validate_uplinks_of(Validation& run, const std::string& list, const v1alpha1::Router& in,
                         model::Router& out) {
    const auto count = check_count(run.findings, list, in.uplinks_size(), most::uplinks);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string path = item(list, i);
        const auto index = run.uplinks.refer(run.findings, path, in.uplinks(static_cast<int>(i)));
        if (index == Declared::npos || index >= run.out.uplinks.size()) continue;
        const auto& uplink = run.out.uplinks[index];
        const auto has_it = [&](const model::Router& router) {
            return std::ranges::find(router.uplinks, uplink.name) != router.uplinks.end();
        };
        if (uplink.use == model::UplinkUse::management)
            run.findings.add(path,
                             "uplink " + in_quotes(uplink.name.str()) + " carries the management's traffic",
                             "an uplink for tenants", "the two must not meet, whatever fails");
        else if (has_it(out))
            run.findings.add(path, "uplink " + in_quotes(uplink.name.str()) + " is there twice");
        else if (std::ranges::any_of(run.out.routers, has_it))
            run.findings.add(path, "uplink " + in_quotes(uplink.name.str()) + " is another tenant's",
                             "an uplink of its own, over another card");
        out.uplinks.push_back(uplink.name);
    }
}

void validate_names_of(Validation& run, const std::string& path, const v1alpha1::Router& in,
                       model::Router& out) {
    const auto names = check_count(run.findings, path + ".names", in.names_size(), most::names);
    for (std::size_t i = 0; i < names; ++i) {
        const auto& name = in.names(static_cast<int>(i));
        if (!is_dns_name(name))
            run.findings.add(item(path + ".names", i), in_quotes(name) + " is not a name of the DNS",
                             "labels with dots between, such as updates.example.com");
        out.names.push_back(name);
    }
    const auto resolvers =
        check_count(run.findings, path + ".resolvers", in.resolvers_size(), most::resolvers);
    for (std::size_t i = 0; i < resolvers; ++i) {
        const auto address = model::parse_ipv4(in.resolvers(static_cast<int>(i)));
        if (!address) run.findings.add(item(path + ".resolvers", i), address.error());
        out.resolvers.push_back(address.value_or(model::Ipv4{}));
    }
    if (names > 0 && resolvers == 0)
        missing(run.findings, path + ".resolvers", "name servers to ask for the names, such as [192.0.2.53]");
}

void validate_forward(Validation& run, const std::string& path, const v1alpha1::PortForward& in,
                      model::Router& out) {
    model::PortForward forward{model::UplinkName(in.uplink()), {}, model::EndName(in.to()), 0};
    run.uplinks.refer(run.findings, path + ".uplink", in.uplink());
    if (!in.uplink().empty() && std::ranges::find(out.uplinks, forward.uplink) == out.uplinks.end())
        run.findings.add(path + ".uplink", "the router does not use uplink " + in_quotes(in.uplink()),
                         "one of its uplinks");
    const auto service = model::parse_service(in.service());
    if (!service)
        run.findings.add(path + ".service", service.error());
    else if (service->transport != model::Transport::tcp && service->transport != model::Transport::udp)
        run.findings.add(path + ".service", in_quotes(in.service()) + " can't be forwarded",
                         "tcp/PORT or udp/PORT");
    forward.service = service.value_or(model::Service{});
    if (run.findings.has(path + ".port")) check_range(run.findings, path + ".port", in.port(), 1, 65535);
    forward.port = in.port() != 0 ? static_cast<std::uint16_t>(in.port()) : forward.service.port;
    run.ends.refer(run.findings, path + ".to", in.to());
    for (const auto& other : out.forwards)
        if (other.uplink == forward.uplink && other.service == forward.service)
            run.findings.add(path + ".service", in_quotes(in.service()) + " of uplink " +
                                                    in_quotes(in.uplink()) + " is forwarded already");
    out.forwards.push_back(std::move(forward));
}

void validate_router(Validation& run, const std::string& path, const v1alpha1::Router& in) {
    model::Router out;
    out.tenant = model::TenantName(in.tenant());
    run.tenants.refer(run.findings, path + ".tenant", in.tenant());
    if (std::ranges::find(run.out.routers, out.tenant, &model::Router::tenant) != run.out.routers.end())
        run.findings.add(path + ".tenant", "tenant " + in_quotes(in.tenant()) + " has a router already",
                         "one router each");
    validate_zones_of(run, path + ".zones", in, out);
    validate_uplinks_of(run, path + ".uplinks", in, out);
    validate_names_of(run, path, in, out);
    const auto count = check_count(run.findings, path + ".forwards", in.forwards_size(), most::forwards);
    for (std::size_t i = 0; i < count; ++i)
        validate_forward(run, item(path + ".forwards", i), in.forwards(static_cast<int>(i)), out);
    run.out.routers.push_back(std::move(out));
}

// Only a router gives addresses.
void check_dhcp(Validation& run) {
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i)
        for (std::size_t j = 0; j < run.out.partitions[i].interfaces.size(); ++j) {
            const auto& interface = run.out.partitions[i].interfaces[j];
            if (!interface.dhcp || run.out.router_of(interface.zone) != nullptr) continue;
            run.findings.add(item(item("partitions", i) + ".interfaces", j) + ".dhcp",
                             "zone " + in_quotes(interface.zone.str()) + " has no router to give addresses",
                             {}, "add the zone to a router of its tenant, or remove dhcp");
        }
}

}  // namespace

void validate_routers(Validation& run) {
    const auto count = check_count(run.findings, "routers", run.in.routers_size(), most::tenants);
    for (std::size_t i = 0; i < count; ++i)
        validate_router(run, item("routers", i), run.in.routers(static_cast<int>(i)));
    check_dhcp(run);
}

}  // namespace bulkhead::spec
