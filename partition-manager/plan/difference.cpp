#include "partition-manager/plan/difference.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bulkhead::plan {

using model::Disruption;

const Fate& Difference::fate(const model::PartitionName& partition) const {
    static const Fate none;
    const auto found = fates.find(partition);
    return found == fates.end() ? none : found->second;
}

Draft& Difference::add(model::Action action, Disruption disruption, std::string reason) {
    auto made = draft(std::move(action), observed);
    made.step.disruption = disruption;
    made.step.reason = std::move(reason);
    return drafts.emplace_back(std::move(made));
}

void Difference::machines() {
    for (const auto& [name, fate] : fates) {
        if (fate.stop)
            add(model::StopMachine{name}, fate.runs ? Disruption::restart : Disruption::none, fate.reason);
        if (fate.undefine) add(model::UndefineMachine{name}, Disruption::none, fate.reason);
        if (fate.define) add(model::DefineMachine{desired.machines.at(name)}, Disruption::none, fate.reason);
        if (fate.start) add(model::StartMachine{name}, Disruption::none, fate.reason);
    }
}

namespace {

bool same_place(const model::Port& a, const model::Port& b) {
    return a.partition == b.partition && a.index == b.index && a.mac == b.mac && a.address == b.address &&
           a.address6 == b.address6;
}

}  // namespace

// A wire serves the hosts behind it.
bool Difference::is_used(const model::PortName& port) const {
    const auto names = [&](const model::PortName& end) {
        if (end == port) return true;
        const auto seen = observed.ports.find(end);
        return seen != observed.ports.end() && seen->second.port.wire == port;
    };
    return std::ranges::any_of(observed.rules, [&](const model::Rule& rule) {
        return (names(rule.from) || names(rule.to) || names(rule.via)) && effect({rule}) == Disruption::live;
    });
}

void Difference::ports() {
    for (const auto& [name, seen] : observed.ports) {
        const auto wanted = desired.ports.find(name);
        const auto& owner = fate(seen.port.partition);
        const bool is_anyones = seen.port.partition.empty();
        const bool touched = is_anyones ? is_used(name) : owner.stays_up();
        const auto live = touched ? Disruption::live : Disruption::none;
        if (wanted == desired.ports.end()) {
            add(model::DeletePort{name, seen.port.partition}, live,
                owner.goes ? owner.reason : "not in the spec");
        } else if (!same_place(seen.port, wanted->second) && !is_anyones && !owner.stays_up()) {
            add(model::DeletePort{name, seen.port.partition}, live, "it changes");
            add(model::CreatePort{wanted->second}, Disruption::none, "changed");
        } else if (seen.port != wanted->second) {
            add(model::CreatePort{wanted->second}, live, "it differs from the spec");
        } else if (!seen.guarded) {
            add(model::CreatePort{wanted->second}, live, "it is not guarded");
        }
    }
    for (const auto& [name, port] : desired.ports)
        if (!observed.ports.contains(name)) {
            // Not under a QEMU that lost it: the port would look whole, and reach nobody.
            auto& made = add(model::CreatePort{port}, Disruption::none, "new");
            made.needs.insert({Fact::Kind::down, port.partition.str()});
        }
}

namespace {

// Ports that are deleted, and ports that are new after this plan (the two overlap).
struct Renewed {
    std::set<model::PortName> deleted;
    std::set<model::PortName> created;
};

Renewed renewed(const std::vector<Draft>& drafts, const model::Observed& observed) {
    Renewed ports;
    for (const auto& each : drafts)
        if (const auto* gone = std::get_if<model::DeletePort>(&each.step.action))
            ports.deleted.insert(gone->port);
    for (const auto& each : drafts)
        if (const auto* made = std::get_if<model::CreatePort>(&each.step.action))
            if (!observed.ports.contains(made->port.name) || ports.deleted.contains(made->port.name))
                ports.created.insert(made->port.name);
    return ports;
}

bool names(const model::Rule& rule, const std::set<model::PortName>& ports) {
    return ports.contains(rule.from) || ports.contains(rule.to) || ports.contains(rule.mirror) ||
           ports.contains(rule.via);
}

bool same_flow(const model::Rule& a, const model::Rule& b) {
    return a.from == b.from && a.to == b.to && a.service == b.service;
}

model::ConduitName conduit_of(const model::Rule& rule, const Difference& difference) {
    if (const auto wanted = difference.desired.rules.find(rule); wanted != difference.desired.rules.end())
        return wanted->second;
    for (const auto* spec : {difference.intent.previous, difference.intent.spec})
        if (spec != nullptr)
            for (const auto& conduit : spec->conduits)
                if (model::conduit_id(conduit.name) == rule.conduit) return conduit.name;
    for (const auto* spec : {difference.intent.previous, difference.intent.spec})
        if (spec != nullptr)
            for (const auto& router : spec->routers)
                if (const auto names = model::names_conduit(router.tenant);
                    model::conduit_id(names) == rule.conduit)
                    return names;
    return model::ConduitName("unknown-" + std::to_string(rule.conduit));
}

}  // namespace

// The rule that is to allow the flow of one that goes; null if none is, or if it is there already.
const model::Rule* Difference::successor_of(const model::Rule& rule) const {
    if (desired.rules.contains(rule)) return nullptr;
    // Rules are sorted by their flows first.
    const auto found = desired.rules.lower_bound({rule.from, rule.to, rule.service, 0});
    if (found == desired.rules.end() || !same_flow(found->first, rule)) return nullptr;
    return observed.rules.contains(found->first) ? nullptr : &found->first;
}

void Difference::rules() {
    const auto ports = renewed(drafts, observed);
    using ByConduit = std::map<model::ConduitName, std::set<model::Rule>>;
    ByConduit closing;
    ByConduit pausing;  // closed for as long as a port is made anew
    ByConduit opening;
    std::map<model::ConduitName, std::set<model::Rule>> changing;  // of flows that go on under another rule
    for (const auto& rule : observed.rules)
        if (const auto* successor = successor_of(rule); successor != nullptr && !names(rule, ports.deleted))
            changing[desired.rules.at(*successor)].insert(rule);
        else if (!desired.rules.contains(rule))
            closing[conduit_of(rule, *this)].insert(rule);
        else if (names(rule, ports.deleted))
            pausing[conduit_of(rule, *this)].insert(rule);
    for (const auto& [rule, conduit] : desired.rules)
        if (!observed.rules.contains(rule) || names(rule, ports.created)) opening[conduit].insert(rule);

    for (const auto& [conduit, rules] : closing)
        add(model::CloseConduit{conduit, rules}, effect(rules),
            opening.contains(conduit) ? "it changes" : "not in the spec");
    for (const auto& [conduit, rules] : pausing) {
        auto& made = add(model::CloseConduit{conduit, rules}, effect(rules), "its port changes");
        // If the partition may not be stopped, its port stays, and so must the conduit.
        for (const auto& rule : rules)
            for (const auto& end : {rule.from, rule.to, rule.mirror, rule.via})
                if (ports.deleted.contains(end))
                    made.needs.insert({Fact::Kind::down, observed.ports.at(end).port.partition.str()});
    }
    for (const auto& [conduit, rules] : opening)
        add(model::OpenConduit{conduit, rules, changing[conduit]}, effect(rules),
            closing.contains(conduit) || pausing.contains(conduit) || !changing[conduit].empty() ? "changed"
                                                                                                 : "new");
}

void Difference::routers() {
    for (const auto& [tenant, seen] : observed.routers)
        if (!desired.routers.contains(tenant))
            add(model::DeleteRouter{tenant}, Disruption::live, "not in the spec");
    for (const auto& [tenant, wanted] : desired.routers) {
        const auto seen = observed.routers.find(tenant);
        if (seen == observed.routers.end())
            add(model::CreateRouter{wanted}, Disruption::none, "new");
        else if (seen->second.router != wanted)
            add(model::CreateRouter{wanted}, Disruption::live, "it differs from the spec");
        else if (!seen->second.error.empty())
            add(model::CreateRouter{wanted}, Disruption::none, seen->second.error);
    }
}

void Difference::guards() {
    std::set<model::PortName> made;
    for (const auto& each : drafts)
        if (const auto* port = std::get_if<model::CreatePort>(&each.step.action))
            made.insert(port->port.name);
    for (const auto& [tenant, seen] : observed.guards)
        if (!desired.guards.contains(tenant))
            add(model::DeleteGuard{tenant}, Disruption::live, "not in the spec");
    for (const auto& [tenant, wanted] : desired.guards) {
        const auto seen = observed.guards.find(tenant);
        if (seen == observed.guards.end())
            add(model::CreateGuard{wanted}, Disruption::none, "new");
        else if (seen->second.guard != wanted)
            add(model::CreateGuard{wanted}, Disruption::live, "it differs from the spec");
        else if (!seen->second.error.empty())
            add(model::CreateGuard{wanted}, Disruption::none, seen->second.error);
        else if (made.contains(model::guard_port_name(tenant)))
            add(model::CreateGuard{wanted}, Disruption::none, "its port is made anew");
    }
}

model::Disruption Difference::effect(const std::set<model::Rule>& rules) const {
    for (const auto& rule : rules)
        for (const auto& end : {rule.from, rule.to})
            if (const auto port = observed.ports.find(end); port != observed.ports.end())
                if (fate(port->second.port.partition).stays_up()) return Disruption::live;
    return Disruption::none;
}

}  // namespace bulkhead::plan
