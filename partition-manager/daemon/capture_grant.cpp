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

namespace wire = vnet::capture;

// What one may ask for. A file that comes over a console takes of the gateway's one line.
struct Most {
    std::uint32_t seconds;
    std::uint64_t packets;
    std::uint64_t bytes;
};
constexpr Most most_here{86'400, 10'000'000, std::uint64_t{1} << 40};
constexpr Most most_remote{3'600, 1'000'000, std::uint64_t{64} * 1024 * 1024};

wire::Place& place_at(wire::Order& order, const std::string& interface) {
    const auto found = std::ranges::find(order.places, interface, &wire::Place::interface);
    if (found != order.places.end()) return *found;
    return order.places.emplace_back(wire::Place{.interface = interface});
}

wire::Rule rule_of(const vnet::Sight& sight, const model::Rule& rule) {
    return {addresses_of(sight, rule.from), addresses_of(sight, rule.to),
            static_cast<std::uint32_t>(rule.service.transport), rule.service.port};
}

// Finds what a caller means, among what exists for it.
class Finder {
  public:
    Finder(const Snapshot& snapshot, const vnet::Sight& sight, const Caller& caller)
        : snapshot_(snapshot), spec_(*snapshot.spec), sight_(sight), caller_(caller) {}

    Result<CaptureGrant> grant(const std::string& subject) const {
        const bool conduit_only = subject.starts_with("conduit/");
        const bool interface_only = subject.starts_with("interface/");
        const std::string name =
            conduit_only || interface_only ? subject.substr(subject.find('/') + 1) : subject;
        const auto* conduit = interface_only ? nullptr : visible_conduit(name);
        const auto interface = visible_interface(name);
        if (conduit != nullptr && interface && !conduit_only)
            return fail(Code::invalid, "'" + name + "' is the name of several things", {},
                        "conduit/" + name + " or interface/" + name);
        if (conduit != nullptr) return of_conduit(*conduit);
        if (conduit_only && caller_.tenant.str().empty())
            return fail(Code::not_found, "there is no conduit '" + name + "'", {}, {},
                        "bulkhead get conduits");
        if (conduit_only) return nothing_called(name);
        if (!interface) return std::unexpected(interface.error());
        return of_interface(*interface);
    }

  private:
    bool is_own(const model::PartitionName& name) const {
        const auto* partition = spec_.find(name);
        return caller_.tenant.str().empty() || (partition != nullptr && partition->tenant == caller_.tenant);
    }
    bool is_own(const model::PortName& name) const {
        const auto* port = port_called(sight_, name);
        return is_own(port == nullptr ? model::PartitionName() : port->partition);
    }

    // What is not a tenant's is not there, in these words, whoever it may be.
    std::unexpected<Error> nothing_called(const std::string& name) const {
        return fail(Code::not_found, "there is no interface or conduit '" + name + "'", {},
                    "a partition, PARTITION/ZONE, or a conduit",
                    "bulkhead get partitions; bulkhead get conduits");
    }

    const model::Conduit* visible_conduit(const std::string& name) const {
        const auto found = std::ranges::find(spec_.conduits, model::ConduitName(name), &model::Conduit::name);
        if (found == spec_.conduits.end()) return nullptr;
        const bool is_visible =
            is_own(model::PartitionName(found->from.str())) || is_own(model::PartitionName(found->to.str()));
        return is_visible ? &*found : nullptr;
    }

    Result<model::PortName> visible_interface(const std::string& name) const {
        // By the first part alone, before anything is said of what is there.
        if (!is_own(model::PartitionName(name.substr(0, name.find('/')))) && !is_own(model::PortName(name)))
            return nothing_called(name);
        auto interface = ends_.interface_called(name);
        if (interface && !is_own(*interface)) return nothing_called(name);
        return interface;
    }

    CaptureGrant of_interface(const model::PortName& name) const {
        const auto end = ends_.of(name);
        CaptureGrant grant;
        grant.what = "interface " + name.str() + " of " + end.name;
        grant.order.places.push_back({.interface = name.str(), .all = true});
        grant.tenant = end.tenant;
        if (const auto* port = port_called(sight_, name)) grant.partition = port->partition;
        grant.note = note_of({grant.partition});
        return grant;
    }

    Result<CaptureGrant> of_conduit(const model::Conduit& conduit) const {
        CaptureGrant grant;
        grant.what = "conduit " + conduit.name.str();
        grant.tenant = caller_.tenant;
        const auto id = model::conduit_id(conduit.name);
        bool is_open = false;
        for (const auto& [number, rule] : sight_.rules)
            if (rule.conduit == id) {
                is_open = true;
                add(grant.order, rule);
            }
        if (!is_open)
            return fail(Code::unavailable, "conduit '" + conduit.name.str() + "' is closed: nothing passes",
                        {}, {}, "bulkhead status says why");
        if (grant.order.places.size() > wire::most_places)
            return fail(Code::unsupported,
                        "conduit '" + conduit.name.str() + "' leads over " +
                            std::to_string(grant.order.places.size()) + " interfaces",
                        {}, std::to_string(wire::most_places) + " at most",
                        "capture single interfaces of it");
        grant.note =
            note_of({model::PartitionName(conduit.from.str()), model::PartitionName(conduit.to.str())});
        return grant;
    }

    // Where a frame arrives it has passed. The end of another is not looked at: what goes there is seen where
    // it comes from, before it is judged.
    void add(wire::Order& order, const model::Rule& rule) const {
        const auto filter = rule_of(sight_, rule);
        const bool is_from_own = is_own(rule.from);
        const bool is_to_own = is_own(rule.to);
        const auto look = [&](const std::string& interface, bool is_own_end, bool is_other_own) {
            if (!is_own_end || interface.empty()) return;
            auto& place = place_at(order, interface);
            place.delivered.push_back(filter);
            if (!is_other_own) place.sent.push_back(filter);
        };
        look(interface_of(sight_, rule.from, rule.to), is_from_own, is_to_own);
        look(interface_of(sight_, rule.to, rule.from), is_to_own, is_from_own);
    }

    std::string note_of(const std::vector<model::PartitionName>& partitions) const {
        for (const auto& name : partitions) {
            const auto machine = snapshot_.observed.machines.find(name);
            if (spec_.find(name) == nullptr || !snapshot_.looked || !is_own(name)) continue;
            if (machine == snapshot_.observed.machines.end() || machine->second.power == model::Power::off)
                return name.str() + " does not run: it sends nothing until it is started";
        }
        return {};
    }

    const Snapshot& snapshot_;
    const model::Spec& spec_;
    const vnet::Sight& sight_;
    const Caller& caller_;
    const Ends ends_{spec_};
};

Result<> check_limits(const v1alpha1::CaptureRequest& request, const Most& most, bool is_remote) {
    const std::string where = is_remote ? ", over a console" : "";
    if (request.seconds() < 1 || request.seconds() > most.seconds)
        return fail(Code::invalid, "a capture can't last " + std::to_string(request.seconds()) + " s", {},
                    "1 to " + std::to_string(most.seconds) + " s" + where, "--seconds N");
    if (request.packets() < 1 || request.packets() > most.packets)
        return fail(Code::invalid, "a capture can't have " + std::to_string(request.packets()) + " packets",
                    {}, "1 to " + std::to_string(most.packets) + where, "--packets N");
    return {};
}

}  // namespace

Result<CaptureGrant> grant_capture(const SwitchSources& sources, const v1alpha1::CaptureRequest& request,
                                   const Caller& caller) {
    const auto snapshot = sources.board.current();
    if (!snapshot->spec)
        return fail(Code::not_found, "there is no spec in force, and so nothing to capture", {}, {},
                    "bulkhead apply -f FILE");
    const auto& most = caller.is_remote ? most_remote : most_here;
    BULKHEAD_TRY(check_limits(request, most, caller.is_remote));
    BULKHEAD_TRY_ASSIGN(const auto sight, sources.sight());
    BULKHEAD_TRY_ASSIGN(auto grant, Finder(*snapshot, sight, caller).grant(request.subject()));
    grant.order.seconds = std::chrono::seconds(request.seconds());
    grant.order.packets = request.packets();
    grant.order.bytes = most.bytes;
    return grant;
}

}  // namespace bulkhead::daemon
