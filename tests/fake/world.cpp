#include "tests/fake/world.hpp"

#include <algorithm>

namespace bulkhead::fake {
namespace {

using model::Power;

std::unexpected<Error> impossible(const std::string& what) {
    return fail(Code::conflict, what);
}

struct Effect {
    World& world;
    model::Observed& seen = world.observed;

    bool is_on(const model::PartitionName& name) const {
        const auto found = seen.machines.find(name);
        return found != seen.machines.end() && found->second.power != Power::off;
    }

    Result<> operator()(const model::CreateVolume& a) const {
        if (const auto [there, fresh] = seen.volumes.emplace(a.disk.id, a.disk); there->second != a.disk)
            return impossible("volume of another size");
        return {};
    }
    Result<> operator()(const model::DeleteVolume& a) const {
        if (seen.volumes.contains(a.id) && is_on(a.id.partition)) return impossible("volume in use");
        seen.volumes.erase(a.id);
        return {};
    }
    Result<> operator()(const model::CreatePort& a) const {
        for (const auto& [name, other] : seen.ports)
            if (name != a.port.name && a.port.address != model::Ipv4{} &&
                other.port.address == a.port.address)
                return impossible("address taken by " + name.str());
        const auto there = seen.ports.find(a.port.name);
        if (there == seen.ports.end() && is_on(a.port.partition))
            return impossible("port of a running machine");
        seen.ports[a.port.name] = {a.port, true};
        return {};
    }
    Result<> operator()(const model::DeletePort& a) const {
        for (const auto& rule : seen.rules)
            if (rule.from == a.port || rule.to == a.port || rule.mirror == a.port || rule.via == a.port)
                return impossible("port with rules");
        const auto there = seen.ports.find(a.port);
        if (there != seen.ports.end() && is_on(there->second.port.partition))
            return impossible("port of a running machine");
        seen.ports.erase(a.port);
        return {};
    }
    Result<> operator()(const model::OpenConduit& a) const {
        for (const auto& rule : a.instead)
            if (!a.rules.contains(rule)) seen.rules.erase(rule);
        for (const auto& rule : a.rules) {
            if (!seen.ports.contains(rule.from) || !seen.ports.contains(rule.to) ||
                (!rule.mirror.empty() && !seen.ports.contains(rule.mirror)) ||
                (!rule.via.empty() && !seen.ports.contains(rule.via)))
                return impossible("rule without port");
            for (const auto& other : seen.rules)
                if (other.from == rule.from && other.to == rule.to && other.service == rule.service &&
                    other.conduit != rule.conduit)
                    return impossible("flow of another conduit");
            seen.rules.insert(rule);
        }
        return {};
    }
    Result<> operator()(const model::CloseConduit& a) const {
        for (const auto& rule : a.rules) seen.rules.erase(rule);
        return {};
    }
    Result<> operator()(const model::AssignDevice& a) const {
        const auto there = seen.assignments.find(a.assignment.device);
        if (there != seen.assignments.end() && there->second.assignment != a.assignment)
            return impossible("device has an owner");
        seen.assignments[a.assignment.device] = {a.assignment, true};
        return {};
    }
    Result<> operator()(const model::ReleaseDevice& a) const {
        const auto there = seen.assignments.find(a.device);
        if (there != seen.assignments.end() && there->second.assignment.token <= a.token)
            seen.assignments.erase(there);
        return {};
    }
    Result<> operator()(const model::DefineMachine& a) const {
        const auto there = seen.machines.find(a.machine.name);
        if (there != seen.machines.end() && there->second.uid != a.machine.uid)
            return impossible("another machine of this name");
        if (there != seen.machines.end() && there->second.fingerprint == a.machine.fingerprint) return {};
        if (is_on(a.machine.name)) return impossible("defining a running machine");
        seen.machines[a.machine.name] = {a.machine.name, a.machine.uid, a.machine.fingerprint, Power::off,
                                         a.machine.image.digest};
        world.definitions[a.machine.name] = a.machine;
        return {};
    }
    Result<> operator()(const model::UndefineMachine& a) const {
        if (is_on(a.partition)) return impossible("undefining a running machine");
        seen.machines.erase(a.partition);
        return {};
    }
    Result<> operator()(const model::StartMachine& a) const {
        const auto there = seen.machines.find(a.partition);
        if (there == seen.machines.end()) return impossible("starting what is not defined");
        if (there->second.power == Power::running) return {};
        if (there->second.power == Power::paused) return impossible("starting a paused machine");
        const auto& machine = world.definitions.at(a.partition);
        for (const auto& port : machine.ports)
            if (const auto tap = seen.ports.find(port.name);
                tap == seen.ports.end() || tap->second.port != port || !tap->second.guarded)
                return impossible("starting without port " + port.name.str());
        for (const auto& disk : machine.volumes)
            if (!seen.volumes.contains(disk.id)) return impossible("starting without its volume");
        for (const auto& device : machine.devices)
            if (const auto held = seen.assignments.find(device.name);
                held == seen.assignments.end() || held->second.assignment.partition != a.partition)
                return impossible("starting without device " + device.name.str());
        there->second.power = Power::running;
        ++world.starts[a.partition];
        return {};
    }
    Result<> operator()(const model::StopMachine& a) const {
        if (const auto there = seen.machines.find(a.partition); there != seen.machines.end())
            there->second.power = Power::off;
        return {};
    }
    Result<> operator()(const model::CreateRouter& a) const {
        for (const auto& leg : a.router.legs)
            if (const auto port = seen.ports.find(leg.port);
                port == seen.ports.end() || port->second.port.address != leg.address)
                return impossible("router without its port " + leg.port.str());
        seen.routers[a.router.tenant] = {a.router, {}};
        return {};
    }
    Result<> operator()(const model::DeleteRouter& a) const {
        seen.routers.erase(a.tenant);
        return {};
    }
    Result<> operator()(const model::CreateGuard& a) const {
        const auto port = seen.ports.find(model::guard_port_name(a.guard.tenant));
        if (port == seen.ports.end() || port->second.port.mac != a.guard.mac)
            return impossible("guard without its port");
        seen.guards[a.guard.tenant] = {a.guard, {}};
        return {};
    }
    Result<> operator()(const model::DeleteGuard& a) const {
        seen.guards.erase(a.tenant);
        return {};
    }
};

}  // namespace

World new_world() {
    World world;
    world.observed.host = {8, Bytes{16ULL << 30U}, {"tcg", "fake"}, "fake"};
    for (const std::string name : {"partition-base", "other"}) {
        const auto path = "/images/" + name;
        world.observed.images[model::ImageName(name)] = {model::ImageName(name),
                                                         std::string(64, name[0] == 'p' ? 'a' : 'b'),
                                                         path + "/vmlinux",
                                                         path + "/initrd",
                                                         "cc",
                                                         "dd",
                                                         "console=ttyS0"};
    }
    return world;
}

Result<> act(World& world, const model::Action& action) {
    return std::visit(Effect{world}, action);
}

}  // namespace bulkhead::fake
