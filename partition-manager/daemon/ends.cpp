#include "partition-manager/daemon/ends.hpp"

#include <algorithm>

#include "base/name.hpp"
#include "partition-manager/plan/guards.hpp"

namespace bulkhead::daemon {

Ends::Ends(const model::Spec& spec) : spec_(spec) {
    for (const auto& partition : spec.partitions) {
        const auto ports = plan::ports_of(spec, partition);
        for (const auto& port : ports) {
            std::string name = partition.name.str();
            if (ports.size() > 1) name += port.zone.str().empty() ? "/mirror" : "/" + port.zone.str();
            ends_[port.name] = {name, port.zone, port.tenant};
        }
    }
    for (const auto& zone : spec.zones) {
        if (spec.router_of(zone.name) != nullptr)
            ends_[model::router_port_name(zone.name)] = {"router of " + zone.name.str(), zone.name,
                                                         zone.tenant};
        if (!zone.wire) continue;
        ends_[model::PortName(zone.wire->interface)] = {"wire " + zone.wire->interface, {}, {}};
        for (const auto& host : zone.wire->hosts)
            ends_[model::end_port_name(host.name)] = {host.name.str(), zone.name, zone.tenant};
    }
    for (const auto& [tenant, guard] : plan::guards_of(spec))
        ends_[model::guard_port_name(tenant)] = {"guard of " + tenant.str(), {}, tenant};
    for (const auto& outside : spec.outsides)
        ends_[model::end_port_name(outside.name)] = {outside.name.str(), {}, {}};
}

End Ends::of(const model::PortName& port) const {
    const auto found = ends_.find(port);
    return found == ends_.end() ? End{port.str(), {}, {}} : found->second;
}

std::map<std::string, std::set<model::PortName>> Ends::kinds_of(const std::string& name) const {
    std::map<std::string, std::set<model::PortName>> kinds;
    if (const auto* partition = spec_.find(model::PartitionName(name)))
        for (const auto& port : plan::ports_of(spec_, *partition)) kinds["partition"].insert(port.name);
    if (spec_.find_host(model::EndName(name)).first != nullptr)
        kinds["host"].insert(model::end_port_name(model::EndName(name)));
    if (spec_.find_outside(model::EndName(name)) != nullptr)
        kinds["outside"].insert(model::end_port_name(model::EndName(name)));
    for (const auto& [port, end] : ends_) {
        if (end.zone == model::ZoneName(name) && !name.empty()) kinds["zone"].insert(port);
        if (end.tenant == model::TenantName(name) && !name.empty()) kinds["tenant"].insert(port);
    }
    return kinds;
}

std::vector<std::string> Ends::names() const {
    std::vector<std::string> names;
    for (const auto& partition : spec_.partitions) names.push_back(partition.name.str());
    for (const auto& zone : spec_.zones) {
        names.push_back(zone.name.str());
        if (!zone.wire) continue;
        for (const auto& host : zone.wire->hosts) names.push_back(host.name.str());
    }
    for (const auto& outside : spec_.outsides) names.push_back(outside.name.str());
    for (const auto& tenant : spec_.tenants) names.push_back(tenant.name.str());
    return names;
}

std::unexpected<Error> Ends::nobody(const std::string& name) const {
    const std::string near = nearest(name, names());
    return fail(Code::not_found, "'" + name + "' is no end of the switch", {},
                "a partition, host, outside, zone or tenant of the spec in force",
                near.empty() ? "bulkhead get partitions" : "did you mean " + near + "?");
}

Result<std::set<model::PortName>> Ends::called(const std::string& name) const {
    const auto slash = name.find('/');
    if (slash != std::string::npos) {
        auto kinds = kinds_of(name.substr(slash + 1));
        const auto found = kinds.find(name.substr(0, slash));
        if (found == kinds.end()) return nobody(name);
        return std::move(found->second);
    }
    auto kinds = kinds_of(name);
    if (kinds.empty()) return nobody(name);
    if (kinds.size() == 1) return std::move(kinds.begin()->second);
    std::string choices;
    for (const auto& [kind, ports] : kinds) choices += (choices.empty() ? "" : " or ") + kind + "/" + name;
    return fail(Code::invalid, "'" + name + "' is the name of several things", {}, choices);
}

Result<model::PortName> Ends::interface_called(const std::string& name) const {
    if (spec_.find_outside(model::EndName(name)) != nullptr)
        return fail(Code::invalid, "'" + name + "' is beyond the routers and has no interface here", {},
                    "a router's, over which its frames come: bhr...");
    if (const model::PortName port(name); ends_.contains(port)) return port;
    for (const auto& [port, end] : ends_)
        if (end.name == name) {
            const auto [host, zone] = spec_.find_host(model::EndName(name));
            return host != nullptr ? model::PortName(zone->wire->interface) : port;
        }
    const auto* partition = spec_.find(model::PartitionName(name.substr(0, name.find('/'))));
    if (partition == nullptr) return nobody(name);
    std::string choices;
    for (const auto& port : plan::ports_of(spec_, *partition))
        choices += (choices.empty() ? "" : " or ") + of(port.name).name;
    if (choices.empty()) return fail(Code::invalid, "'" + name + "' has no interface");
    return fail(Code::invalid, "'" + name + "' has several interfaces", {}, choices);
}

}  // namespace bulkhead::daemon
