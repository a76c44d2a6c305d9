#include "console/server/fleet_core.hpp"

#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "console/server/capture_subject.hpp"
#include "console/server/relay.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/join_string.hpp"
#include "crypto/random.hpp"
#include "crypto/signing_key.hpp"
#include "spec/desired.hpp"
#include "spec/validate.hpp"

namespace bulkhead::console {
namespace {

constexpr std::size_t token_bytes = 24;
constexpr std::chrono::seconds longest_token_life{std::chrono::days{30}};

Errors one(Error error) {
    Errors errors;
    errors.push_back(std::move(error));
    return errors;
}

std::unexpected<Error> no_partition(const std::string& gateway, const std::string& partition) {
    return fail(Code::not_found, "there is no partition '" + partition + "' on gateway '" + gateway + "'", {},
                {}, "bulkhead get partitions --gateway " + gateway);
}

// The document inside is a spec of the gateway that the envelope names.
std::expected<void, Errors> check_document(const spec::Desired& desired) {
    const auto read = spec::read_spec(desired.document, desired.document_name);
    if (!read) return std::unexpected(read.error());
    if (read->gateway != desired.gateway)
        return std::unexpected(one({Code::invalid,
                                    "the spec is of gateway '" + read->gateway.str() +
                                        "', the envelope for '" + desired.gateway.str() + "'",
                                    desired.document_name, "one and the same", "sign it again"}));
    return {};
}

// What a relayed call is about, and whose it is.
struct About {
    std::string name;
    std::string tenant;
};
Answer<About> about_device(const Viewer& viewer, const GatewayState& state, const std::string& name) {
    const auto& devices = state.report->devices().items();
    const auto found = std::ranges::find_if(devices, [&](const auto& device) {
        return device.name() == name && sees_tenant(viewer, device.tenant());
    });
    if (found == devices.end())
        return fail(Code::not_found, "gateway '" + state.name + "' has no device '" + name + "'", {}, {},
                    "bulkhead get devices --gateway " + state.name);
    return About{found->name(), found->tenant()};
}

Answer<About> about_what(const Viewer& viewer, const GatewayState& state, const Relayed& relayed) {
    if (!relayed.subject.empty()) {
        if (!may_capture(viewer, state, relayed.subject)) return nothing_called(relayed.subject);
        return About{relayed.subject, tenant_of(viewer, state, relayed.subject)};
    }
    if (!relayed.device.empty()) return about_device(viewer, state, relayed.device);
    const auto* known = visible_partition(viewer, state, relayed.partition);
    if (known == nullptr) return no_partition(state.name, relayed.partition);
    return About{known->name(), known->tenant()};
}

}  // namespace

Result<> require(const Viewer& viewer, Right right) {
    if (viewer.may(right)) return {};
    return fail(Code::refused,
                "the role " + std::string(to_string(viewer.role)) + " has no right to " +
                    std::string(to_string(right)),
                {}, {}, "ask an it-admin");
}

std::string actor_of(const Viewer& viewer) {
    return viewer.user.find(':') == std::string::npos ? "user:" + viewer.user : viewer.user;
}

void FleetCore::set_address(std::string address) {
    const std::scoped_lock lock(mutex_);
    options_.address = std::move(address);
}

std::string FleetCore::address() const {
    const std::scoped_lock lock(mutex_);
    return options_.address;
}

Seconds FleetCore::now() const {
    return std::chrono::floor<std::chrono::seconds>(parts_.clock.utc()).time_since_epoch().count();
}

Result<> FleetCore::write_audit(const Viewer& viewer, const std::string& action, const std::string& subject,
                                const std::string& detail) const {
    return parts_.store.add_audit(
        {0, rfc3339(parts_.clock.utc()), actor_of(viewer), viewer.tenant, action, subject, detail});
}

Answer<Roster::State> FleetCore::visible(const Viewer& viewer, const std::string& gateway) const {
    auto state = parts_.roster.find(gateway);
    if (!state || !sees_gateway(viewer, *state))
        return fail(Code::not_found, "there is no gateway '" + gateway + "'", {}, {},
                    "bulkhead get gateways");
    return state;
}

Answer<api::Status> FleetCore::status(const Viewer& viewer, const std::string& gateway) {
    BULKHEAD_TRY(require(viewer, Right::see));
    if (!gateway.empty()) {
        BULKHEAD_TRY_ASSIGN(const auto state, visible(viewer, gateway));
        return status_view(*state, viewer, moment());
    }
    api::Status fleet;
    fleet.set_apiversion(api::api_version);
    fleet.set_console(address());
    fleet.set_version(BULKHEAD_VERSION);
    for (const auto& state : parts_.roster.all()) {
        if (!sees_gateway(viewer, *state)) continue;
        const auto view = gateway_view(*state, viewer, moment());
        fleet.set_partitions(fleet.partitions() + view.partitions());
        fleet.set_partitions_ok(fleet.partitions_ok() + view.partitions_ok());
    }
    return fleet;
}

Answer<api::AttestationView> FleetCore::attestation(const Viewer& viewer, const std::string& gateway,
                                                    const std::string& partition) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto state, visible(viewer, gateway));
    if (!partition.empty() && visible_partition(viewer, *state, partition) == nullptr)
        return no_partition(gateway, partition);
    return partition.empty() ? host_view(*state, viewer, moment())
                             : attestation_view(*state, partition, moment());
}

Answer<std::vector<HistoryPoint>> FleetCore::history(const Viewer& viewer, const std::string& gateway,
                                                     const std::string& partition, std::size_t limit) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto state, visible(viewer, gateway));
    if (!partition.empty() && visible_partition(viewer, *state, partition) == nullptr)
        return no_partition(gateway, partition);
    BULKHEAD_TRY_ASSIGN(const auto rows, parts_.store.history(gateway, partition, limit));
    std::vector<HistoryPoint> points;
    for (const auto& row : rows)
        // A name may have been another tenant's before.
        if (partition.empty() || sees_tenant(viewer, row.tenant))
            points.push_back({row.time, row.kind, row.value, row.reason});
    return points;
}

Answer<std::vector<AuditRow>> FleetCore::audit(const Viewer& viewer, std::uint64_t before,
                                               std::size_t limit) {
    BULKHEAD_TRY(require(viewer, Right::see_audit));
    BULKHEAD_TRY_ASSIGN(const auto entries, parts_.store.audit(before, std::min<std::size_t>(limit, 1000)));
    std::vector<AuditRow> rows;
    for (const auto& entry : entries)
        rows.push_back(
            {entry.id, entry.time, entry.actor, entry.tenant, entry.action, entry.subject, entry.detail});
    return rows;
}

std::expected<std::uint64_t, Errors> FleetCore::set_desired(const Viewer& viewer,
                                                            const std::string& envelope) {
    const auto failed = [](Error error) { return std::unexpected(one(std::move(error))); };
    if (auto may = require(viewer, Right::set_desired); !may) return failed(std::move(may).error());
    const auto rows = parts_.store.it_keys();
    if (!rows) return failed(rows.error());
    std::vector<crypto::VerifyKey> trusted;
    for (const auto& row : *rows)
        if (auto key = crypto::VerifyKey::from_pem(row.pem, "IT key " + row.id))
            trusted.push_back(std::move(*key));
    if (trusted.empty())
        return failed({Code::refused,
                       "the console trusts no key of IT yet",
                       {},
                       {},
                       "bulkhead-console trust add KEY.pub"});
    const auto desired = spec::open_desired(envelope, trusted, "the signed desired state");
    if (!desired) return failed(desired.error());
    if (const auto checked = check_document(*desired); !checked) return std::unexpected(checked.error());
    const auto& gateway = desired->gateway.str();
    const auto stored = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.set_desired(gateway, desired->generation, envelope));
        return write_audit(viewer, "desired.set", gateway,
                           "generation " + std::to_string(desired->generation));
    });
    if (!stored) return failed(stored.error());
    parts_.roster.change(gateway, [&](GatewayState& state) {
        state.generation = desired->generation;
        state.refusal.clear();
    });
    if (const auto line = parts_.lines.find(gateway)) line->push_desired(desired->generation, envelope);
    if (const auto state = parts_.roster.find(gateway))
        parts_.watchers.tell({gateway, {}, "gateway"}, tenants_of(*state));
    return desired->generation;
}

Answer<std::unique_ptr<RelayedCall>> FleetCore::call(const Viewer& viewer, const std::string& gateway,
                                                     const std::string& partition, const std::string& method,
                                                     std::string request, RelayEvents events) {
    BULKHEAD_TRY_ASSIGN(const auto relayed, read_relayed(method, request));
    BULKHEAD_TRY(require(viewer, relayed.right));
    BULKHEAD_TRY_ASSIGN(const auto state, visible(viewer, gateway));
    if (relayed.partition != partition)
        return fail(Code::invalid, "the request is about partition '" + relayed.partition +
                                       "', the call about '" + partition + "'");
    BULKHEAD_TRY_ASSIGN(const auto about, about_what(viewer, *state, relayed));
    const auto line = parts_.lines.find(gateway);
    if (!line)
        return fail(Code::unavailable, "gateway '" + gateway + "' is not connected", {}, {},
                    "try again when it is; bulkhead on the gateway itself works without the console");
    if (!relayed.action.empty())
        BULKHEAD_TRY(parts_.store.add_audit({0, rfc3339(parts_.clock.utc()), actor_of(viewer), about.tenant,
                                             relayed.action, gateway + "/" + about.name, relayed.detail}));
    const Caller caller{actor_of(viewer), viewer.role == Role::vendor ? viewer.tenant : std::string()};
    return line->call(caller, method, std::move(request), std::move(events));
}

Answer<JoinToken> FleetCore::create_token(const Viewer& viewer, std::chrono::seconds lifetime) {
    return create_token_for(viewer, lifetime, {});
}

Answer<JoinToken> FleetCore::create_token_for(const Viewer& viewer, std::chrono::seconds lifetime,
                                              const std::string& ek) {
    BULKHEAD_TRY(require(viewer, Right::manage_gateways));
    if (lifetime.count() < 1 || lifetime > longest_token_life)
        return fail(Code::invalid, "a token can't live " + std::to_string(lifetime.count()) + " s", {},
                    "1 second to 30 days");
    if (!ek.empty() && !crypto::is_sha256(ek))
        return fail(Code::invalid, "'" + ek + "' is no SHA-256 of an EK", {}, "64 digits of 0-9 and a-f");
    BULKHEAD_TRY_ASSIGN(const auto address,
                        crypto::parse_host_port(this->address(), "the console's address"));
    const auto token = crypto::to_base64url(crypto::random_bytes(token_bytes));
    const auto expires = parts_.clock.utc() + lifetime;
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.add_token({crypto::to_hex(crypto::sha256_raw(token)),
                                             ek,
                                             actor_of(viewer),
                                             rfc3339(parts_.clock.utc()),
                                             now() + lifetime.count(),
                                             {}}));
        return write_audit(viewer, "token.created", {}, "until " + rfc3339(expires));
    });
    BULKHEAD_TRY(done);
    return JoinToken{
        crypto::to_string(crypto::JoinString{address.host, address.port, parts_.authority.pin(), token}),
        rfc3339(expires)};
}

Answer<void> FleetCore::remove_gateway(const Viewer& viewer, const std::string& gateway) {
    BULKHEAD_TRY(require(viewer, Right::manage_gateways));
    const auto state = parts_.roster.find(gateway);
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.remove_gateway(gateway));
        return write_audit(viewer, "gateway.removed", gateway);
    });
    BULKHEAD_TRY(done);
    parts_.roster.remove(gateway);
    if (const auto line = parts_.lines.find(gateway))
        line->end({Code::refused, "the gateway was removed from the console", gateway, {}, "enrol it again"});
    parts_.watchers.tell({gateway, {}, "gateway"}, state ? tenants_of(*state) : std::set<std::string>{});
    return {};
}

Answer<std::string> FleetCore::trust_key(const Viewer& viewer, const std::string& pem,
                                         const std::string& where) {
    BULKHEAD_TRY(require(viewer, Right::set_desired));
    BULKHEAD_TRY_ASSIGN(const auto key, crypto::VerifyKey::from_pem(pem, where));
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(
            parts_.store.add_it_key({key.id(), key.pem(), actor_of(viewer), rfc3339(parts_.clock.utc())}));
        return write_audit(viewer, "trust.added", key.id());
    });
    BULKHEAD_TRY(done);
    return key.id();
}

std::shared_ptr<void> FleetCore::watch(const Viewer& viewer, Watch callback) {
    return parts_.watchers.add(viewer, std::move(callback));
}

Answer<Fleet::Counts> FleetCore::counts() {
    Counts counts;
    const Viewer all{"console:", Role::it_admin, {}};
    for (const auto& state : parts_.roster.all()) {
        ++counts.gateways;
        if (state->connected) ++counts.connected;
        counts.events_dropped += state->events_dropped;
        const auto view = gateway_view(*state, all, moment());
        counts.partitions += view.partitions();
        counts.partitions_ok += view.partitions_ok();
        for (const auto& partition : state->report->partitions().items()) {
            const auto word = attestation_view(*state, partition.name(), moment()).attestation();
            ++(word == "trusted"     ? counts.trusted
               : word == "untrusted" ? counts.untrusted
               : word == "stale"     ? counts.stale
                                     : counts.unknown);
        }
    }
    counts.rounds = parts_.roster.rounds();
    counts.events = parts_.roster.events();
    BULKHEAD_TRY_ASSIGN(counts.sessions, parts_.store.count_sessions(now()));
    return counts;
}

}  // namespace bulkhead::console
