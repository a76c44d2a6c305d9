#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/resources.hpp"
#include "spec/fields.hpp"
#include "spec/guard_rules.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// One flow that is allowed: from, to, service.
using Flow = std::tuple<std::string, std::string, std::string>;
// Where each was allowed first, and by which conduit.
using Flows = std::map<Flow, std::pair<std::string, std::string>>;

bool has_interface(const model::Partition& partition) {
    return std::ranges::any_of(partition.interfaces, [](const auto& interface) { return !interface.mirror; });
}

// A partition must have an interface: through nothing else can anything pass.
void check_end(Validation& run, const std::string& path, const std::string& name) {
    if (run.ends.refer(run.findings, path, name) == Declared::npos) return;
    const auto* partition = run.out.find(model::PartitionName(name));
    if (partition == nullptr || has_interface(*partition)) return;
    const auto index = static_cast<std::size_t>(partition - run.out.partitions.data());
    run.findings.add(path, "partition " + in_quotes(name) + " has no interface", "a partition in a zone",
                     "give it one at " + run.findings.place(item("partitions", index)));
}

// The way to an outside leads over a router with an uplink.
void check_way_out(Validation& run, const std::string& path, const std::string& name) {
    const auto zones = run.out.zones_of(model::EndName(name));
    const bool routed = std::ranges::any_of(zones, [&](const model::Zone* zone) {
        const auto* router = run.out.router_of(zone->name);
        return router != nullptr && !router->uplinks.empty();
    });
    if (!routed && !zones.empty())
        run.findings.add(path, in_quotes(name) + " has no way out: no router with an uplink serves its zone",
                         {}, "add the zone to a router that has uplinks");
}

void check_ends(Validation& run, const std::string& path, const v1alpha1::Conduit& in) {
    check_end(run, path + ".from", in.from());
    check_end(run, path + ".to", in.to());
    if (!in.from().empty() && in.from() == in.to())
        run.findings.add(path + ".to", "a conduit from " + in_quotes(in.from()) + " to itself",
                         "two different ends");
    const bool from_outside = run.out.find_outside(model::EndName(in.from())) != nullptr;
    const bool to_outside = run.out.find_outside(model::EndName(in.to())) != nullptr;
    if (from_outside && to_outside)
        run.findings.add(path + ".to", "both ends are outside of the gateway",
                         "one end that is a partition or a host");
    else if (to_outside)
        check_way_out(run, path + ".from", in.from());
    else if (from_outside)
        check_way_out(run, path + ".to", in.to());
}

// What has no address stays where zones of both ends declare it.
void check_layer2(Validation& run, const std::string& path, const v1alpha1::Conduit& in,
                  const model::Service& service) {
    for (const auto& name : {in.from(), in.to()}) {
        if (run.out.find_outside(model::EndName(name)) != nullptr)
            return run.findings.add(path,
                                    to_string(service) + " can't leave the gateway: it has no addresses");
        const auto zones = run.out.zones_of(model::EndName(name));
        const bool declared = std::ranges::any_of(zones, [&](const model::Zone* zone) {
            return std::ranges::find(zone->ethertypes, service.port) != zone->ethertypes.end();
        });
        if (declared || zones.empty()) continue;
        run.findings.add(path, "no zone of " + in_quotes(name) + " declares " + to_string(service), {},
                         "add it to the zone's protocols");
        return;
    }
}

void check_allow(Validation& run, const std::string& list, const v1alpha1::Conduit& in, model::Conduit& out,
                 Flows& flows) {
    const auto count = check_count(run.findings, list, in.allow_size(), most::allow);
    if (count == 0) missing(run.findings, list, "what may pass, such as [tcp/8883]");
    for (std::size_t i = 0; i < count; ++i) {
        const std::string path = item(list, i);
        const auto service = model::parse_service(in.allow(static_cast<int>(i)));
        if (!service) {
            run.findings.add(path, service.error());
            continue;
        }
        const auto [first, fresh] =
            flows.try_emplace({in.from(), in.to(), to_string(*service)}, path, in.name());
        if (!fresh)
            run.findings.add(
                path,
                to_string(*service) + " from " + in_quotes(in.from()) + " to " + in_quotes(in.to()) +
                    " is allowed already, by conduit " + in_quotes(first->second.second),
                "one conduit per flow", "remove it here or at " + run.findings.place(first->second.first));
        if (service->transport == model::Transport::layer2) check_layer2(run, path, in, *service);
        out.allow.push_back(*service);
    }
}

std::optional<model::PartitionName> validate_mirror(Validation& run, const std::string& path,
                                                    const std::string& name) {
    if (name.empty()) return std::nullopt;
    if (run.partitions.refer(run.findings, path, name) == Declared::npos) return std::nullopt;
    const auto* partition = run.out.find(model::PartitionName(name));
    if (partition != nullptr && std::ranges::none_of(partition->interfaces, &model::Interface::mirror))
        run.findings.add(path, "partition " + in_quotes(name) + " has no interface for copies", {},
                         "give it one: {mirror: true}");
    return model::PartitionName(name);
}

// A forwarded service is reached only over a conduit from an outside.
void check_forwards(Validation& run) {
    for (std::size_t i = 0; i < run.out.routers.size(); ++i)
        for (std::size_t j = 0; j < run.out.routers[i].forwards.size(); ++j) {
            const auto& forward = run.out.routers[i].forwards[j];
            const model::Service inside{forward.service.transport, forward.port};
            const bool allowed = std::ranges::any_of(run.out.conduits, [&](const model::Conduit& conduit) {
                return conduit.to == forward.to && run.out.find_outside(conduit.from) != nullptr &&
                       std::ranges::find(conduit.allow, inside) != conduit.allow.end();
            });
            if (!allowed)
                run.findings.add(item(item("routers", i) + ".forwards", j),
                                 "no conduit from an outside allows " + to_string(inside) + " to " +
                                     in_quotes(forward.to.str()),
                                 {}, "add such a conduit");
        }
}

}  // namespace

void validate_conduits(Validation& run) {
    const auto count = check_count(run.findings, "conduits", run.in.conduits_size(), most::conduits);
    Flows flows;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.conduits(static_cast<int>(i));
        const std::string path = item("conduits", i);
        model::Conduit out{model::ConduitName(in.name()),
                           model::EndName(in.from()),
                           model::EndName(in.to()),
                           {},
                           in.because()};
        out.rate = check_rate(run.findings, path + ".rate", in.rate());
        out.mirror = validate_mirror(run, path + ".mirror", in.mirror());
        run.conduits.declare(run.findings, path + ".name", in.name());
        check_ends(run, path, in);
        check_allow(run, path + ".allow", in, out, flows);
        out.guard = check_conduit_guard(run, path + ".guard", in, out);
        if (in.because().empty())
            missing(run.findings, path + ".because", "why this path must exist");
        else
            check_required_text(run.findings, path + ".because", in.because(), 256);
        run.out.conduits.push_back(std::move(out));
    }
    check_forwards(run);
}

void validate_hashed_names(Validation& run) {
    Unique ports;
    Unique conduits;
    const auto check = [&](Unique& seen, const std::string& hashed, const std::string& path,
                           const std::string& name, std::string_view what) {
        const std::string* first = seen.put(hashed, path);
        // The same name twice is told elsewhere.
        if (first == nullptr || run.findings.place(*first) == run.findings.place(path)) return;
        run.findings.add(path,
                         in_quotes(name) + " and the name at " + run.findings.place(*first) +
                             " have the same " + std::string(what) + " " + hashed,
                         {}, "rename one of the two");
    };
    std::set<std::string> told;
    for (std::size_t i = 0; i < run.out.tenants.size(); ++i) {
        const auto& name = run.out.tenants[i].name;
        if (told.insert(name.str()).second)
            check(ports, model::guard_port_name(name).str(), item("tenants", i) + ".name", name.str(),
                  "port name");
    }
    told.clear();
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& name = run.out.partitions[i].name;
        if (told.insert(name.str()).second)
            check(ports, model::port_name(name, 0).str(), item("partitions", i) + ".name", name.str(),
                  "port name");
    }
    const auto check_end_name = [&](const model::EndName& name, const std::string& path) {
        check(ports, model::end_port_name(name).str(), path, name.str(), "port name");
    };
    for (std::size_t i = 0; i < run.out.outsides.size(); ++i)
        check_end_name(run.out.outsides[i].name, item("outsides", i) + ".name");
    for (std::size_t i = 0; i < run.out.zones.size(); ++i) {
        const auto& zone = run.out.zones[i];
        check(ports, model::router_port_name(zone.name).str(), item("zones", i) + ".name", zone.name.str(),
              "port name");
        for (std::size_t j = 0; zone.wire && j < zone.wire->hosts.size(); ++j)
            check_end_name(zone.wire->hosts[j].name, item(item("zones", i) + ".wire.hosts", j) + ".name");
    }
    told.clear();
    for (std::size_t i = 0; i < run.out.devices.size(); ++i) {
        const auto& device = run.out.devices[i];
        if (device.kind == model::DeviceKind::can && told.insert(device.name.str()).second)
            check(ports, model::can_port_name(device.name).str(), item("devices", i) + ".name",
                  device.name.str(), "port name");
    }
    told.clear();
    for (std::size_t i = 0; i < run.out.conduits.size(); ++i) {
        const auto& name = run.out.conduits[i].name;
        if (told.insert(name.str()).second)
            check(conduits, std::to_string(model::conduit_id(name)), item("conduits", i) + ".name",
                  name.str(), "number");
    }
}

}  // namespace bulkhead::spec
