#include "console/server/fleet_views.hpp"

#include <algorithm>

#include "base/units.hpp"

namespace bulkhead::console {
namespace {

namespace api = bulkhead::v1alpha1;
using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr int rounds_until_stale = 3;

// A clock that was set back makes no negative ages.
seconds age(UtcTime then, UtcTime now) {
    return std::max(seconds{0}, duration_cast<seconds>(now - then));
}

std::string offline_text(const GatewayState& state, const Moment& moment) {
    if (!state.last_seen) return "the gateway has never been connected";
    return "the gateway is offline since " + human_age(age(*state.last_seen, moment.now));
}

// Stopped by a person, or not meant to run: no cause for alarm.
bool is_at_rest(const api::PartitionView& partition) {
    return partition.state() == "stopped" || partition.state() == "defined";
}

int severity(const api::PartitionView& partition) {
    if (is_at_rest(partition) || partition.health() == "ok") return 0;
    return partition.health() == "degraded" || partition.state() == "failed" ? 2 : 1;
}

struct Worst {
    int severity = 0;
    std::string reason;
    std::uint32_t partitions = 0;
    std::uint32_t ok = 0;
};

Worst worst_of(const GatewayState& state, const Viewer& viewer) {
    Worst worst;
    for (const auto& partition : state.report->partitions().items()) {
        if (!sees_tenant(viewer, partition.tenant())) continue;
        ++worst.partitions;
        if (partition.health() == "ok") ++worst.ok;
        if (severity(partition) <= worst.severity) continue;
        worst.severity = severity(partition);
        worst.reason =
            partition.name() + ": " + (partition.reason().empty() ? partition.health() : partition.reason());
    }
    return worst;
}

}  // namespace

std::uint64_t seconds_offline(const GatewayState& state, const Moment& moment) {
    if (state.connected || !state.last_seen) return 0;
    return static_cast<std::uint64_t>(age(*state.last_seen, moment.now).count());
}

std::set<std::string> tenants_of(const GatewayState& state) {
    std::set<std::string> tenants;
    for (const auto& partition : state.report->partitions().items()) tenants.insert(partition.tenant());
    return tenants;
}

bool sees_tenant(const Viewer& viewer, const std::string& tenant) {
    return viewer.role != Role::vendor || (!viewer.tenant.empty() && viewer.tenant == tenant);
}

bool sees_gateway(const Viewer& viewer, const GatewayState& state) {
    return viewer.role != Role::vendor ||
           std::ranges::any_of(state.report->partitions().items(), [&](const auto& partition) {
               return sees_tenant(viewer, partition.tenant());
           });
}

const api::PartitionView* visible_partition(const Viewer& viewer, const GatewayState& state,
                                            const std::string& partition) {
    for (const auto& item : state.report->partitions().items())
        if (item.name() == partition) return sees_tenant(viewer, item.tenant()) ? &item : nullptr;
    return nullptr;
}

api::AttestationView attestation_view(const GatewayState& state, const std::string& partition,
                                      const Moment& moment) {
    api::AttestationView view;
    const auto found = state.attested.find(partition);
    if (found == state.attested.end()) {
        view.set_attestation("unknown");
        view.set_trust_anchor(state.anchor);
        view.set_text(state.connected ? "no round is complete yet" : offline_text(state, moment));
    } else {
        view = found->second.view;
        const auto old = age(found->second.at, moment.now);
        view.set_age_seconds(static_cast<std::uint64_t>(old.count()));
        if (view.attestation() == "trusted" &&
            (!state.connected || old > moment.round * rounds_until_stale)) {
            view.set_attestation("stale");
            view.set_reason(state.connected ? "too-old" : "offline");
            view.set_text("was trusted " + human_age(old) + " ago; " +
                          (state.connected ? "no round is complete since" : offline_text(state, moment)));
        }
    }
    view.set_gateway(state.name);
    view.set_partition(partition);
    return view;
}

api::AttestationView host_view(const GatewayState& state, const Viewer& viewer, const Moment& moment) {
    auto view = attestation_view(state, {}, moment);
    if (viewer.role != Role::vendor) return view;
    view.clear_record();
    view.clear_expected();
    view.clear_seen();
    return view;
}

api::GatewayView gateway_view(const GatewayState& state, const Viewer& viewer, const Moment& moment) {
    const auto& status = state.report->status();
    const auto worst = worst_of(state, viewer);
    api::GatewayView view;
    view.set_name(state.name);
    view.set_site(status.site());
    *view.mutable_labels() = status.labels();
    view.set_connection(state.connected ? "connected" : state.last_seen ? "offline" : "never");
    if (state.last_seen) {
        view.set_last_seen(rfc3339(*state.last_seen));
        view.set_last_seen_seconds(static_cast<std::uint64_t>(age(*state.last_seen, moment.now).count()));
    }
    constexpr const char* words[] = {"ok", "unknown", "degraded"};
    if (!state.connected) {
        view.set_health("unknown");
        view.set_reason(offline_text(state, moment));
    } else if (state.report->has_status()) {
        view.set_health(words[worst.severity]);
        view.set_reason(worst.reason);
    } else {
        view.set_health("unknown");
        view.set_reason("the gateway has not reported yet");
    }
    // Its errors may name partitions of other tenants.
    const bool may_know_why = viewer.role != Role::vendor;
    if (may_know_why) *view.mutable_desired_errors() = {state.refusal.begin(), state.refusal.end()};
    if (worst.severity == 0 && state.connected && !state.refusal.empty())
        view.set_reason("it did not take generation " + std::to_string(state.generation) +
                        (may_know_why ? ": " + summary_of(state.refusal) : ""));
    view.set_partitions(worst.partitions);
    view.set_partitions_ok(state.connected ? worst.ok : 0);
    *view.mutable_attestation() = host_view(state, viewer, moment);
    view.set_generation(state.generation);
    view.set_generation_applied(state.generation_applied);
    view.set_phase(status.phase());
    view.set_drift(static_cast<std::uint32_t>(status.drift_size()));
    view.set_time_zone(status.time_zone());
    view.set_version(state.version);
    if (viewer.role != Role::vendor) view.set_break_glass(status.break_glass());
    view.set_accelerator(status.accelerator());
    view.set_events_dropped(state.events_dropped);
    return view;
}

api::PartitionView partition_view(const GatewayState& state, const api::PartitionView& reported,
                                  const Moment& moment) {
    api::PartitionView view = reported;
    view.set_gateway(state.name);
    if (!state.connected) {
        view.set_reason(offline_text(state, moment) + "; it was " + view.health() +
                        (view.reason().empty() ? "" : ": " + view.reason()));
        view.set_health("unknown");
    }
    const auto attested = attestation_view(state, view.name(), moment);
    view.set_attestation(attested.attestation());
    view.set_trust_anchor(attested.trust_anchor());
    view.set_attested_at(attested.attested_at());
    view.set_attestation_age_seconds(attested.age_seconds());
    view.set_attestation_reason(attested.attestation() == "trusted" ? "" : attested.text());
    return view;
}

api::Status status_view(const GatewayState& state, const Viewer& viewer, const Moment& moment) {
    api::Status view = state.report->status();
    view.set_gateway(state.name);
    view.set_signed_generation(state.generation_applied);
    *view.mutable_attestation() = host_view(state, viewer, moment);
    view.set_console_state(state.connected ? "connected" : offline_text(state, moment));
    if (viewer.role != Role::vendor) return view;
    const auto worst = worst_of(state, viewer);
    view.set_partitions(worst.partitions);
    view.set_partitions_ok(worst.ok);
    view.clear_drift();
    for (const auto& drift : state.report->status().drift())
        if (drift.subject().starts_with("partition/") &&
            visible_partition(viewer, state, drift.subject().substr(std::string_view("partition/").size())))
            *view.add_drift() = drift;
    view.clear_break_glass();
    view.clear_reason();
    view.clear_operation();
    return view;
}

}  // namespace bulkhead::console
