#include <map>
#include <set>
#include <string>
#include <tuple>

#include "model/resources.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// One flow that is allowed: from, to, service.
using Flow = std::tuple<std::string, std::string, std::string>;
// Where each was allowed first, and by which conduit.
using Flows = std::map<Flow, std::pair<std::string, std::string>>;

// An end must be a partition with an interface: through no other can anything pass.
void check_end(Validation& run, const std::string& path, const std::string& name) {
    const auto index = run.partitions.refer(run.findings, path, name);
    if (index == Declared::npos || index >= run.out.partitions.size()) return;
    if (run.in.partitions(static_cast<int>(index)).interfaces().empty())
        run.findings.add(path, "partition " + in_quotes(name) + " has no interface", "a partition in a zone",
                         "give it one at " + run.findings.place(item("partitions", index)));
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
        out.allow.push_back(*service);
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
                           model::PartitionName(in.from()),
                           model::PartitionName(in.to()),
                           {},
                           in.because()};
        run.conduits.declare(run.findings, path + ".name", in.name());
        check_end(run, path + ".from", in.from());
        check_end(run, path + ".to", in.to());
        if (!in.from().empty() && in.from() == in.to())
            run.findings.add(path + ".to", "a conduit from " + in_quotes(in.from()) + " to itself",
                             "two different partitions");
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
    told.clear();
    for (std::size_t i = 0; i < run.out.conduits.size(); ++i) {
        const auto& name = run.out.conduits[i].name;
        if (told.insert(name.str()).second)
            check(conduits, std::to_string(model::conduit_id(name)), item("conduits", i) + ".name",
                  name.str(), "number");
    }
}

}  // namespace bulkhead::spec
