#include "partition-manager/plan/order.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

namespace bulkhead::plan {
namespace {

using Kind = Fact::Kind;

std::string flow(const model::Rule& rule) {
    return rule.from.str() + ">" + rule.to.str() + " " + to_string(rule.service);
}

// A host, a wire or a mirror may have none, or one of IPv6 alone.
std::set<std::string> addresses(const model::Port& port) {
    std::set<std::string> all;
    if (port.address != model::Ipv4{}) all.insert(to_string(port.address));
    if (port.address6) all.insert(to_string(*port.address6));
    return all;
}

// One overload for each action; the level stands beside it.
struct Table {
    const model::Observed& observed;
    Draft& out;

    void partition(const model::PartitionName& name) const { out.step.partition = name; }
    void needs(Kind kind, const std::string& subject) const { out.needs.insert({kind, subject}); }
    void gives(Kind kind, const std::string& subject) const { out.gives.insert({kind, subject}); }

    void operator()(const model::CloseConduit& a) const {
        for (const auto& rule : a.rules) {
            gives(Kind::closed, rule.from.str());
            gives(Kind::closed, rule.to.str());
            gives(Kind::closed, rule.mirror.str());
            gives(Kind::closed, rule.via.str());
            gives(Kind::vacant, flow(rule));
        }
    }
    void operator()(const model::StopMachine& a) const {
        partition(a.partition);
        gives(Kind::down, a.partition.str());
    }
    void operator()(const model::UndefineMachine& a) const {
        partition(a.partition);
        needs(Kind::down, a.partition.str());
        gives(Kind::undefined, a.partition.str());
        gives(Kind::rewritten, a.partition.str());
    }
    void operator()(const model::DefineMachine& a) const {
        const auto& name = a.machine.name.str();
        partition(a.machine.name);
        needs(Kind::down, name);
        needs(Kind::undefined, name);
        gives(Kind::defined, name);
        gives(Kind::rewritten, name);
    }
    void operator()(const model::ReleaseDevice& a) const {
        partition(a.partition);
        needs(Kind::down, a.partition.str());
        needs(Kind::undefined, a.partition.str());
        gives(Kind::free, a.device.str());
        if (const auto held = observed.assignments.find(a.device); held != observed.assignments.end())
            gives(Kind::free, held->second.assignment.at);
    }
    void operator()(const model::DeletePort& a) const {
        partition(a.partition);
        needs(Kind::down, a.partition.str());
        needs(Kind::undefined, a.partition.str());
        needs(Kind::closed, a.port.str());
        gives(Kind::released, a.port.str());
        if (const auto port = observed.ports.find(a.port); port != observed.ports.end())
            for (const auto& address : addresses(port->second.port)) gives(Kind::unclaimed, address);
    }
    void operator()(const model::CreatePort& a) const {
        partition(a.port.partition);
        needs(Kind::released, a.port.name.str());
        for (const auto& address : addresses(a.port)) needs(Kind::unclaimed, address);
        gives(Kind::ready, a.port.name.str());
        gives(Kind::plugged, a.port.partition.str());
    }
    void operator()(const model::AssignDevice& a) const {
        partition(a.assignment.partition);
        needs(Kind::free, a.assignment.device.str());
        needs(Kind::free, a.assignment.at);  // under whatever name it was assigned before
        gives(Kind::assigned, a.assignment.partition.str());
    }
    void operator()(const model::DeleteVolume& a) const {
        partition(a.id.partition);
        needs(Kind::down, a.id.partition.str());
        needs(Kind::rewritten, a.id.partition.str());
    }
    void operator()(const model::CreateVolume& a) const {
        partition(a.disk.id.partition);
        gives(Kind::present, a.disk.id.partition.str());
    }
    void operator()(const model::StartMachine& a) const {
        partition(a.partition);
        for (const Kind kind : {Kind::down, Kind::defined, Kind::plugged, Kind::assigned, Kind::present})
            needs(kind, a.partition.str());
    }
    void operator()(const model::OpenConduit& a) const {
        for (const auto& rule : a.rules) {
            needs(Kind::ready, rule.from.str());
            needs(Kind::ready, rule.to.str());
            needs(Kind::ready, rule.mirror.str());
            needs(Kind::ready, rule.via.str());
            needs(Kind::guarding, rule.via.str());
            needs(Kind::vacant, flow(rule));
        }
    }
    void operator()(const model::CreateRouter& a) const {
        for (const auto& leg : a.router.legs) needs(Kind::ready, leg.port.str());
    }
    void operator()(const model::DeleteRouter&) const {}
    void operator()(const model::CreateGuard& a) const {
        const auto port = model::guard_port_name(a.guard.tenant).str();
        needs(Kind::ready, port);
        gives(Kind::guarding, port);
    }
    // A port that went with its guard would look tampered with.
    void operator()(const model::DeleteGuard& a) const {
        needs(Kind::released, model::guard_port_name(a.tenant).str());
    }
};

struct Levels {
    int operator()(const model::CloseConduit&) const { return 1; }
    int operator()(const model::StopMachine&) const { return 0; }
    int operator()(const model::UndefineMachine&) const { return 1; }
    int operator()(const model::DefineMachine&) const { return 2; }
    int operator()(const model::ReleaseDevice&) const { return 2; }
    int operator()(const model::DeletePort&) const { return 2; }
    int operator()(const model::DeleteVolume&) const { return 3; }
    int operator()(const model::CreateVolume&) const { return 3; }
    int operator()(const model::CreatePort&) const { return 3; }
    int operator()(const model::AssignDevice&) const { return 3; }
    int operator()(const model::StartMachine&) const { return 4; }
    int operator()(const model::OpenConduit&) const { return 5; }
    int operator()(const model::CreateRouter&) const { return 4; }
    int operator()(const model::DeleteRouter&) const { return 0; }
    int operator()(const model::CreateGuard&) const { return 4; }
    int operator()(const model::DeleteGuard&) const { return 3; }
};

}  // namespace

Draft draft(model::Action action, const model::Observed& observed) {
    Draft made;
    std::visit(Table{observed, made}, action);
    made.step.action = std::move(action);
    return made;
}

int level(const model::Action& action) {
    return std::visit(Levels{}, action);
}

std::vector<model::Step> ordered(std::vector<Draft> drafts) {
    std::map<Fact, std::set<std::size_t>> givers;
    for (std::size_t i = 0; i < drafts.size(); ++i)
        for (const auto& fact : drafts[i].gives) givers[fact].insert(i);

    std::vector<std::set<std::size_t>> before(drafts.size());
    for (std::size_t i = 0; i < drafts.size(); ++i)
        for (const auto& fact : drafts[i].needs)
            if (const auto found = givers.find(fact); found != givers.end())
                before[i].insert(found->second.begin(), found->second.end());

    std::vector<model::Step> steps;
    std::vector<std::size_t> place(drafts.size(), drafts.size());  // in `steps`; its size: not placed
    const auto placed = [&](std::size_t i) { return place[i] != drafts.size(); };
    while (steps.size() < drafts.size()) {
        std::size_t next = 0;
        while (next < drafts.size() && (placed(next) || !std::ranges::all_of(before[next], placed))) ++next;
        if (next == drafts.size()) std::abort();  // a cycle: level() says that there is none
        place[next] = steps.size();
        auto step = std::move(drafts[next].step);
        for (const std::size_t i : before[next]) step.after.insert(place[i]);
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace bulkhead::plan
