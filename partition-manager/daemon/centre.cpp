#include "partition-manager/daemon/centre.hpp"

#include <unistd.h>

#include <array>

#include "bulkhead/v1alpha1/api_version.hpp"

namespace bulkhead::daemon {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

}  // namespace

Centre::Centre(CentreParts parts) : parts_(std::move(parts)), uplink_(uplink_parts()) {
}

uplink::UplinkParts Centre::uplink_parts() {
    return {parts_.identity,
            spool_,
            parts_.clock,
            parts_.attestor,
            this,
            parts_.report,
            [this] {
                const auto spec = parts_.ownership.signed_spec();
                return spec && *spec ? (*spec)->generation : 0;
            },
            [this](const std::string& envelope, const std::function<void(Errors)>& done) {
                take_desired(envelope, done);
            },
            parts_.control};
}

// The uplink's thread hands it over and goes on; the worker takes it in its turn.
void Centre::take_desired(const std::string& envelope, const std::function<void(Errors)>& done) {
    parts_.worker().submit([this, envelope, done] {
        auto taken = parts_.requests().take_signed({envelope, "signed spec"});
        done(taken ? Errors() : std::move(taken.error()));
        uplink_.poke();
    });
}

void Centre::collect(const attest::v1::Challenge& challenge, const std::string& tls_public_key,
                     std::function<void(Result<attest::v1::Evidence>)> done) {
    const auto membership = parts_.identity.membership();
    if (auto* attester = parts_.attester(); attester != nullptr && membership)
        attester->collect(challenge, membership->gateway, tls_public_key, std::move(done));
}

void Centre::activate_guest(const v1alpha1::ActivateGuest& request,
                            std::function<void(v1alpha1::GuestActivated)> done) {
    if (auto* attester = parts_.attester()) attester->activate_guest(request, std::move(done));
}

void Centre::results(const v1alpha1::AttestationResults& results) {
    // On the uplink's thread, because the TPM takes its time.
    parts_.secrets.open_key();
    parts_.results.set(results);
    parts_.results_changed();
}

std::expected<v1alpha1::EnrolResult, Errors> Centre::enrol(const v1alpha1::EnrolCommand& command) {
    const auto join = crypto::parse_join_string(command.join());
    if (!join) return refuse(join.error());
    const auto spec = parts_.board.current()->spec;
    const std::string name = !command.gateway().empty() ? command.gateway()
                             : spec                     ? spec->gateway.str()
                                                        : host_name();
    if (!is_label(name))
        return refuse({Code::invalid,
                       "'" + name + "' can't be a gateway's name",
                       {},
                       "a DNS label (RFC 1123)",
                       "add --name NAME"});
    if (spec && spec->gateway.str() != name)
        return refuse({Code::conflict,
                       "the spec in force names this gateway '" + spec->gateway.str() + "'",
                       {},
                       {},
                       "enrol it under that name"});
    const auto joined = uplink_.join(*join, command.it_key(), name);
    if (!joined) return refuse(joined.error());
    v1alpha1::EnrolResult result;
    result.set_gateway(name);
    result.set_console(joined->membership.console);
    result.set_trust_anchor(joined->membership.trust_anchor);
    result.set_not_after(joined->not_after);
    return result;
}

void Centre::complete(v1alpha1::Status& status) const {
    const auto line = uplink_.state();
    status.set_console(line.console);
    status.set_console_state(line.text);
    if (!line.console.empty()) {
        if (const auto membership = parts_.identity.membership(); membership && status.gateway().empty())
            status.set_gateway(membership->gateway);
        if (const auto waiting = spool_.waiting()) status.set_spooled(*waiting);
    }
    if (parts_.attestor != nullptr && status.attestation().trust_anchor().empty())
        status.mutable_attestation()->set_trust_anchor(parts_.attestor->trust_anchor());
    if (const auto spec = parts_.ownership.signed_spec(); spec && *spec)
        status.set_signed_generation((*spec)->generation);
    const auto broken = parts_.ownership.break_glass();
    if (!broken || !*broken) return;
    status.set_break_glass((*broken)->reason);
    auto& drift = *status.add_drift();
    drift.set_subject("gateway");
    drift.set_what("break-glass: " + (*broken)->reason + " by " + (*broken)->actor);
    drift.set_rule("signed-spec");
    drift.set_mend("sign the next generation and apply it at the console");
    if (status.phase() == to_string(Phase::applied)) {
        status.set_phase(std::string(to_string(Phase::drifting)));
        status.set_reason(drift.what());
    }
}

v1alpha1::GatewayList Centre::gateways(const v1alpha1::Status& status,
                                       const v1alpha1::ListRequest& request) const {
    v1alpha1::GatewayList list;
    list.set_apiversion(v1alpha1::api_version);
    if (status.gateway().empty() || (!request.name().empty() && request.name() != status.gateway()))
        return list;
    auto& view = *list.add_items();
    view.set_name(status.gateway());
    view.set_site(status.site());
    *view.mutable_labels() = status.labels();
    view.set_connection("connected");
    view.set_last_seen(rfc3339(parts_.clock.utc()));
    view.set_health(status.partitions() == 0                        ? "unknown"
                    : status.partitions_ok() == status.partitions() ? "ok"
                                                                    : "degraded");
    view.set_reason(status.reason());
    view.set_partitions(status.partitions());
    view.set_partitions_ok(status.partitions_ok());
    *view.mutable_attestation() = status.attestation();
    view.set_generation(status.signed_generation());
    view.set_generation_applied(status.signed_generation());
    view.set_phase(status.phase());
    view.set_drift(static_cast<std::uint32_t>(status.drift_size()));
    view.set_time_zone(status.time_zone());
    view.set_version(status.version());
    view.set_break_glass(status.break_glass());
    view.set_accelerator(status.accelerator());
    list.set_total(1);
    return list;
}

}  // namespace bulkhead::daemon
