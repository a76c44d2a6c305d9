#include <algorithm>

#include "spec/guard_rules.hpp"

namespace bulkhead::spec {
namespace {

// What is understood is Modbus over TCP; beside it nothing may pass unseen.
void check_services(Validation& run, const std::string& path, const model::Conduit& conduit) {
    for (const auto& service : conduit.allow)
        if (service.transport != model::Transport::tcp)
            run.findings.add(
                path,
                "a guard understands Modbus over TCP, and this conduit allows " + to_string(service) + " too",
                "TCP alone, such as allow: [tcp/502]", "give that a conduit of its own");
}

void check_inside(Validation& run, const std::string& path, const model::EndName& end) {
    if (run.out.find_outside(end) != nullptr)
        run.findings.add(path,
                         "a guard speaks in the name of both ends, and " + in_quotes(end.str()) +
                             " is many, beyond the gateway",
                         "ends that are partitions or hosts");
}

// Two machines at one cable need no switch to reach each other.
void check_apart(Validation& run, const std::string& path, const model::Conduit& conduit) {
    const auto [from, from_zone] = run.out.find_host(conduit.from);
    const auto [to, to_zone] = run.out.find_host(conduit.to);
    if (from == nullptr || to == nullptr || from_zone != to_zone) return;
    run.findings.add(path,
                     "both ends are behind network card " + in_quotes(from_zone->wire->interface) +
                         " in one network: they reach each other past the gateway, and past a guard",
                     "ends on different cards or VLANs");
}

// What one guard says of itself must fit into one message of its control socket.
void check_room(Validation& run, const std::string& path, const model::Conduit& conduit) {
    const auto zones = run.out.zones_of(conduit.from);
    if (zones.empty()) return;
    const auto& tenant = zones.front()->tenant;
    const auto guarded = std::ranges::count_if(run.out.conduits, [&](const model::Conduit& other) {
        const auto its = run.out.zones_of(other.from);
        return other.guard && !its.empty() && its.front()->tenant == tenant;
    });
    if (static_cast<std::size_t>(guarded) == most::guarded_conduits)
        run.findings.add(path,
                         "tenant " + in_quotes(tenant.str()) + " has more guarded conduits than " +
                             std::to_string(most::guarded_conduits),
                         "at most " + std::to_string(most::guarded_conduits) + " of one tenant's ends",
                         "join some of them, or guard those that write");
}

}  // namespace

model::ModbusGuard check_modbus_guard(Validation& run, const std::string& path, const v1alpha1::Guard& in) {
    model::ModbusGuard guard{check_rules(run, path + ".allow", in, model::parse_modbus_rule)};
    if (in.rate().empty()) return guard;
    if (const auto rate = model::parse_request_rate(in.rate()))
        guard.rate = *rate;
    else
        run.findings.add(path + ".rate", rate.error());
    return guard;
}

std::optional<model::ModbusGuard> check_conduit_guard(Validation& run, const std::string& path,
                                                      const v1alpha1::Conduit& in,
                                                      const model::Conduit& out) {
    if (!in.has_guard()) return std::nullopt;
    check_services(run, path, out);
    check_inside(run, path, out.from);
    check_inside(run, path, out.to);
    check_apart(run, path, out);
    check_room(run, path, out);
    return check_modbus_guard(run, path, in.guard());
}

}  // namespace bulkhead::spec
