#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/resources.hpp"
#include "spec/fields.hpp"
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

// What has no address stays where zones of both ends declare it.
void check_layer2(Validation& run, const std::string& path, const v1alpha1::Conduit& in,
                  const model::Service& service) {
    for (const auto& name : {in.from(), in.to()}) {
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
        check_end(run, path + ".from", in.from());
        check_end(run, path + ".to", in.to());
        if (!in.from().empty() && in.from() == in.to())
            run.findings.add(path + ".to", "a conduit from " + in_quotes(in.from()) + " to itself",
                             "two different ends");
        check_allow(run, path + ".allow", in, out, flows);
        if (in.because().empty())
            missing(run.findings, path + ".because", "why this path must exist");
        else
            check_required_text(run.findings, path + ".because", in.because(), 256);
        run.out.conduits.push_back(std::move(out));
    }
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
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& name = run.out.partitions[i].name;
        if (told.insert(name.str()).second)
            check(ports, model::port_name(name, 0).str(), item("partitions", i) + ".name", name.str(),
                  "port name");
    }
    const auto check_end_name = [&](const model::EndName& name, const std::string& path) {
        check(ports, model::end_port_name(name).str(), path, name.str(), "port name");
    };
    for (std::size_t i = 0; i < run.out.zones.size(); ++i) {
        const auto& zone = run.out.zones[i];
        for (std::size_t j = 0; zone.wire && j < zone.wire->hosts.size(); ++j)
            check_end_name(zone.wire->hosts[j].name, item(item("zones", i) + ".wire.hosts", j) + ".name");
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
