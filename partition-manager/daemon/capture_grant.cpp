#include "partition-manager/daemon/capture_grant.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "partition-manager/daemon/ends.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::daemon {
namespace {

std::string bytes_of(const switch_address& address) {
    std::array<char, sizeof address> bytes{};
    std::memcpy(bytes.data(), &address, sizeof address);
    return {bytes.begin(), bytes.end()};
}

const model::Port* port_called(const vnet::Sight& sight, const model::PortName& name) {
    for (const auto& [slot, placed] : sight.ports)
        if (placed.port.name == name) return &placed.port;
    return nullptr;
}

// None for the networks beyond the routers: whoever is there may be meant.
std::vector<std::string> addresses_of(const vnet::Sight& sight, const model::PortName& name) {
    std::vector<std::string> addresses;
    const auto* port = port_called(sight, name);
    if (port == nullptr || port->kind == model::PortKind::outside) return addresses;
    if (port->address.bits != 0) addresses.push_back(bytes_of(vnet::to_wire(port->address)));
    if (port->address6) addresses.push_back(bytes_of(vnet::to_wire(*port->address6)));
    return addresses;
}

// Over which a port's frames leave; a network beyond is reached through the router of the other end's zone.
std::string interface_of(const vnet::Sight& sight, const model::PortName& name,
                         const model::PortName& other) {
    const auto* port = port_called(sight, name);
    if (port == nullptr) return {};
    if (port->kind == model::PortKind::host) return port->wire.str();
    if (port->kind != model::PortKind::outside) return name.str();
    const auto* peer = port_called(sight, other);
    return peer == nullptr ? std::string() : model::router_port_name(peer->zone).str();
}

void add_interface(v1alpha1::CaptureGrant& grant, const std::string& name) {
    if (name.empty() || std::ranges::find(grant.interfaces(), name) != grant.interfaces().end()) return;
    grant.add_interfaces(name);
}

v1alpha1::CaptureGrant of_conduit(const vnet::Sight& sight, const std::string& name) {
    v1alpha1::CaptureGrant grant;
    grant.set_what("conduit " + name);
    grant.set_passed_only(true);
    const auto id = model::conduit_id(model::ConduitName(name));
    for (const auto& [number, rule] : sight.rules) {
        if (rule.conduit != id) continue;
        add_interface(grant, interface_of(sight, rule.from, rule.to));
        add_interface(grant, interface_of(sight, rule.to, rule.from));
        auto& granted = *grant.add_rules();
        for (const auto& address : addresses_of(sight, rule.from)) granted.add_from(address);
        for (const auto& address : addresses_of(sight, rule.to)) granted.add_to(address);
        granted.set_transport(static_cast<std::uint32_t>(rule.service.transport));
        granted.set_port(rule.service.port);
    }
    return grant;
}

Result<v1alpha1::CaptureGrant> grant_of(const model::Spec& spec, const vnet::Sight& sight,
                                        const std::string& subject) {
    const bool conduit_only = subject.starts_with("conduit/");
    const bool interface_only = subject.starts_with("interface/");
    const std::string name = conduit_only || interface_only ? subject.substr(subject.find('/') + 1) : subject;
    const bool is_conduit = !interface_only && std::ranges::any_of(spec.conduits, [&](const auto& conduit) {
        return conduit.name == model::ConduitName(name);
    });
    const Ends ends(spec);
    const auto interface = ends.interface_called(name);
    if (is_conduit && interface && !conduit_only)
        return fail(Code::invalid, "'" + name + "' is the name of several things", {},
                    "conduit/" + name + " or interface/" + name);
    if (is_conduit) {
        auto grant = of_conduit(sight, name);
        if (grant.rules().empty())
            return fail(Code::unavailable, "conduit '" + name + "' is closed: nothing passes", {}, {},
                        "bulkhead status says why");
        return grant;
    }
    if (conduit_only)
        return fail(Code::not_found, "there is no conduit '" + name + "'", {}, {}, "bulkhead get conduits");
    if (!interface) return std::unexpected(interface.error());
    v1alpha1::CaptureGrant grant;
    grant.set_what("interface " + interface->str() + " of " + ends.of(*interface).name);
    grant.add_interfaces(interface->str());
    return grant;
}

}  // namespace

Result<v1alpha1::CaptureGrant> grant_capture(const SwitchSources& sources,
                                             const v1alpha1::CaptureRequest& request,
                                             const std::string& actor) {
    const auto snapshot = sources.board.current();
    if (!snapshot->spec)
        return fail(Code::not_found, "there is no spec in force, and so nothing to capture", {}, {},
                    "bulkhead apply -f FILE");
    BULKHEAD_TRY_ASSIGN(const auto sight, sources.sight());
    BULKHEAD_TRY_ASSIGN(auto grant, grant_of(*snapshot->spec, sight, request.subject()));
    grant.set_apiversion("bulkhead/v1alpha1");
    sources.record({"switch.capture",
                    actor,
                    {},
                    {},
                    {},
                    grant.what() + ", for " + std::to_string(request.seconds()) + " s or " +
                        std::to_string(request.packets()) + " packets at most"});
    return grant;
}

}  // namespace bulkhead::daemon
