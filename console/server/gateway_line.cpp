#include "console/server/gateway_line.hpp"

#include <algorithm>

#include "attestation/credential.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "console/server/fleet_views.hpp"
#include "console/server/report_bounds.hpp"

namespace bulkhead::console {
namespace {

using std::chrono::seconds;

constexpr seconds beat{10};
constexpr seconds silence{30};  // three beats
constexpr seconds seen_interval{60};
constexpr int most_events = 1000;
constexpr std::size_t box_key_size = 32;
constexpr std::size_t longest_version = 64;
constexpr std::size_t longest_reason = 512;
constexpr auto on_its_way = "applying";  // phase of a gateway

const api::PartitionView* find(const api::GatewayReport& report, const std::string& name) {
    for (const auto& partition : report.partitions().items())
        if (partition.name() == name) return &partition;
    return nullptr;
}

bool differs(const api::PartitionView& a, const api::PartitionView& b) {
    return a.state() != b.state() || a.health() != b.health() || a.reason() != b.reason() ||
           a.restarts() != b.restarts() || a.lock().since() != b.lock().since() ||
           a.application().state() != b.application().state() ||
           !std::ranges::equal(a.conditions(), b.conditions());
}

bool has_started(const api::PartitionView* before, const api::PartitionView& now) {
    return now.state() == "running" &&
           (before == nullptr || before->state() != "running" || before->restarts() != now.restarts());
}

}  // namespace

Result<PeerIdentity> check_peer(Store& store, const std::string& certificate_pem) {
    BULKHEAD_TRY_ASSIGN(const auto facts,
                        crypto::read_certificate(certificate_pem, "the gateway's certificate"));
    BULKHEAD_TRY_ASSIGN(const auto row, store.gateway(facts.common_name));
    if (!row)
        return fail(Code::refused, "gateway '" + facts.common_name + "' is not enrolled here any more", {},
                    {}, "bulkhead enroll with a new join string");
    if (facts.serial == row->next_serial && !row->next_serial.empty()) {
        BULKHEAD_TRY(store.use_certificate(row->name, facts.serial));
    } else if (facts.serial != row->serial) {
        return fail(Code::refused, "this certificate of gateway '" + row->name + "' was replaced", {},
                    "its current one", "it renews by its TPM, or: bulkhead enroll with a new join string");
    }
    return PeerIdentity{row->name, facts.serial, facts.public_key, facts.not_after};
}

GatewayLine::GatewayLine(const LineParts& parts, PeerIdentity peer, Wire wire)
    : parts_(parts),
      peer_(std::move(peer)),
      wire_(std::move(wire)),
      outlet_(std::make_shared<Outlet>(
          wire_.send,
          [end = wire_.end, gateway = peer_.gateway] {
              end({Code::timeout, "it says no hello, and too much waits for it", gateway, {}, {}});
          })),
      attester_({parts.store, parts.roster, parts.watchers, parts.leases, parts.clock, parts.round},
                peer_.gateway, peer_.tls_public_key, outlet_->sender()),
      calls_(outlet_->sender()),
      heard_(parts.clock.monotonic()) {
}

void GatewayLine::begin() {
    parts_.lines.put(peer_.gateway, shared_from_this());
}

void GatewayLine::received(const api::FromGateway& message) {
    heard();
    if (const auto handled = handle(message); !handled) {
        log::warning("a gateway's line ends",
                     {{"gateway", peer_.gateway}, {"error", handled.error().text()}});
        end(handled.error());
    }
}

Result<> GatewayLine::handle(const api::FromGateway& message) {
    if (!greeted_ && !message.has_hello())
        return fail(Code::invalid, "the first message is no hello", peer_.gateway);
    switch (message.message_case()) {
        case api::FromGateway::kHello:
            return hello(message.hello());
        case api::FromGateway::kReport:
            return report(message.report());
        case api::FromGateway::kEvents:
            return events(message.events());
        case api::FromGateway::kEvidence:
            attester_.evidence(message.evidence());
            return {};
        case api::FromGateway::kGuestActivated:
            attester_.activated(message.guest_activated());
            return {};
        case api::FromGateway::kDesiredResult:
            return desired_result(message.desired_result());
        case api::FromGateway::kCall:
            calls_.received(message.call());
            return {};
        case api::FromGateway::kRenew:
            return renew(message.renew());
        default:  // a beat, or a message of a newer gateway
            return {};
    }
}

Result<> GatewayLine::hello(const api::GatewayHello& hello) {
    if (hello.gateway() != peer_.gateway)
        return fail(Code::refused,
                    "the certificate is of '" + peer_.gateway + "', the hello of '" + hello.gateway() + "'");
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(peer_.gateway));
    if (!row) return fail(Code::refused, "the gateway was removed", peer_.gateway);
    BULKHEAD_TRY(set_applied(*row, hello.generation()));
    BULKHEAD_TRY(note_box_key(*row, hello));
    greeted_ = true;
    api::FromConsole message;
    auto& welcome = *message.mutable_welcome();
    welcome.set_console_time(rfc3339(parts_.clock.utc()));
    last_event_ = row->last_event;
    welcome.set_events_have(row->last_event);
    welcome.set_beat_interval_s(static_cast<std::uint32_t>(beat.count()));
    welcome.set_renew(parts_.clock.utc() + parts_.certificate_lifetime / 2 > peer_.not_after);
    outlet_->open(std::move(message));
    if (hello.generation() < row->generation) push_desired(row->generation, row->envelope);
    parts_.roster.change(peer_.gateway, [&](GatewayState& state) {
        state.connected = true;
        state.version = printable(hello.version(), longest_version);
    });
    if (const auto state = parts_.roster.find(peer_.gateway))
        parts_.watchers.tell({peer_.gateway, {}, "gateway"}, tenants_of(*state));
    log::info("a gateway is connected",
              {{"gateway", peer_.gateway}, {"version", printable(hello.version(), longest_version)}});
    attester_.ask_soon();
    attester_.tick();
    return {};
}

// Secrets are encrypted to it, so its TPM must have said that it is its own.
Result<> GatewayLine::note_box_key(const GatewayRow& row, const api::GatewayHello& hello) {
    if (hello.box_key().empty() || hello.box_key() == row.box_key) return {};
    const auto checked = hello.box_key().size() == box_key_size
                             ? attestation::check_signature("bulkhead box key" + hello.box_key(),
                                                            hello.box_key_signature(), row.ak_public)
                             : Result<>(fail(Code::invalid, "it has another size than a key"));
    if (checked) return parts_.store.set_box_key(peer_.gateway, hello.box_key());
    log::warning("a gateway's key for secrets is not signed by its TPM",
                 {{"gateway", peer_.gateway}, {"error", checked.error().text()}});
    return {};
}

// A generation that this console has not seen has no reference values here, so nothing will be trusted by it.
Result<> GatewayLine::set_applied(const GatewayRow& row, std::uint64_t generation) {
    const auto envelope = generation == row.generation           ? row.envelope
                          : generation == row.generation_applied ? row.envelope_applied
                                                                 : std::string();
    if (generation != row.generation_applied || envelope != row.envelope_applied)
        BULKHEAD_TRY(parts_.store.set_applied(peer_.gateway, generation, envelope, {}));
    parts_.roster.change(peer_.gateway, [&](GatewayState& state) {
        state.generation_applied = generation;
        state.refusal.clear();
    });
    return {};
}

// The gateway is through with what is in force, as well as it could: what was in force before is over.
Result<> GatewayLine::note_reached() {
    const auto state = parts_.roster.find(peer_.gateway);
    if (!state) return {};
    const auto& status = state->report->status();
    if (status.phase() == on_its_way || status.signed_generation() != state->generation_applied) return {};
    BULKHEAD_TRY_ASSIGN(const bool is_news, parts_.store.set_reached(peer_.gateway));
    if (is_news) attester_.ask_soon();
    return {};
}

Result<> GatewayLine::desired_result(const api::DesiredResult& result) {
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(peer_.gateway));
    if (!row) return fail(Code::refused, "the gateway was removed", peer_.gateway);
    if (result.errors().empty()) {
        BULKHEAD_TRY(set_applied(*row, result.generation()));
        BULKHEAD_TRY(note_reached());
        attester_.ask_soon();
    } else if (result.generation() == row->generation) {
        const auto refusal = refusal_of(result);
        BULKHEAD_TRY(parts_.store.set_applied(peer_.gateway, row->generation_applied, row->envelope_applied,
                                              to_text(refusal)));
        parts_.roster.change(peer_.gateway, [&](GatewayState& state) { state.refusal = refusal; });
    }
    if (const auto state = parts_.roster.find(peer_.gateway))
        parts_.watchers.tell({peer_.gateway, {}, "gateway"}, tenants_of(*state));
    return {};
}

Result<> GatewayLine::note_health(const GatewayState& before, const api::GatewayReport& now) {
    const auto time = rfc3339(parts_.clock.utc());
    return parts_.store.transaction([&]() -> Result<> {
        for (const auto& partition : now.partitions().items()) {
            const auto* old = find(*before.report, partition.name());
            if (old != nullptr && old->health() == partition.health() && old->reason() == partition.reason())
                continue;
            BULKHEAD_TRY(parts_.store.add_history({peer_.gateway, partition.name(), partition.tenant(),
                                                   "health", time, printable(partition.health(), 32),
                                                   printable(partition.reason(), longest_reason)}));
        }
        return {};
    });
}

Result<> GatewayLine::report(const api::GatewayReport& report) {
    const auto before = parts_.roster.find(peer_.gateway);
    if (!before) return fail(Code::refused, "the gateway was removed", peer_.gateway);
    BULKHEAD_TRY(check_report(report));
    auto shared = std::make_shared<const api::GatewayReport>(report);
    BULKHEAD_TRY(parts_.store.set_report(peer_.gateway, report.SerializeAsString()));
    BULKHEAD_TRY(note_health(*before, report));
    parts_.roster.change(peer_.gateway, [&](GatewayState& state) { state.report = shared; });
    BULKHEAD_TRY(note_reached());
    bool started = false;
    for (const auto& partition : report.partitions().items()) {
        const auto* old = find(*before->report, partition.name());
        started = started || has_started(old, partition);
        if (old == nullptr || differs(*old, partition))
            parts_.watchers.tell({peer_.gateway, partition.name(), "partition"}, {partition.tenant()});
    }
    if (started) attester_.ask_soon();
    // Who has nothing there any more must hear of it too, or would go on looking at what is gone.
    auto tenants = tenants_of(*before);
    for (const auto& partition : report.partitions().items()) tenants.insert(partition.tenant());
    for (const auto& partition : before->report->partitions().items())
        if (find(report, partition.name()) == nullptr)
            parts_.watchers.tell({peer_.gateway, partition.name(), "partition"}, {partition.tenant()});
    parts_.watchers.tell({peer_.gateway, {}, "gateway"}, tenants);
    return {};
}

Result<> GatewayLine::events(const api::SpooledEvents& events) {
    if (events.items_size() > most_events)
        return fail(Code::invalid, std::to_string(events.items_size()) + " events in one message",
                    peer_.gateway, "at most " + std::to_string(most_events));
    std::vector<api::Event> bounded;
    for (const auto& event : events.items()) bounded.push_back(bounded_event(event));
    BULKHEAD_TRY_ASSIGN(const auto last, parts_.store.add_events(peer_.gateway, bounded, events.dropped()));
    parts_.roster.count_events(static_cast<std::uint64_t>(
        std::ranges::count_if(bounded, [&](const auto& event) { return event.id() > last_event_; })));
    last_event_ = last;
    if (events.dropped() > 0) {
        BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(peer_.gateway));
        if (row)
            parts_.roster.change(peer_.gateway,
                                 [&](GatewayState& state) { state.events_dropped = row->events_dropped; });
    }
    api::FromConsole message;
    message.mutable_events_ack()->set_id(last);
    outlet_->send(std::move(message));
    std::set<std::string> tenants;
    for (const auto& event : bounded) tenants.insert(event.tenant());
    parts_.watchers.tell({peer_.gateway, {}, "event"}, tenants);
    return {};
}

Result<> GatewayLine::renew(const api::RenewInline& request) {
    BULKHEAD_TRY_ASSIGN(auto grant, parts_.enrolment.renew(peer_.gateway, peer_.serial, request));
    api::FromConsole message;
    *message.mutable_grant() = std::move(grant);
    outlet_->send(std::move(message));
    return {};
}

void GatewayLine::push_desired(std::uint64_t generation, const std::string& envelope) {
    api::FromConsole message;
    message.mutable_desired()->set_generation(generation);
    message.mutable_desired()->set_envelope(envelope);
    const std::scoped_lock lock(mutex_);
    if (generation <= pushed_) return;
    pushed_ = generation;
    outlet_->send(std::move(message));
}

std::unique_ptr<RelayedCall> GatewayLine::call(const Caller& caller, const std::string& method,
                                               std::string request, RelayEvents events) {
    return calls_.open(caller, method, std::move(request), std::move(events));
}

void GatewayLine::heard() {
    const auto now = parts_.clock.utc();
    parts_.roster.change(peer_.gateway, [&](GatewayState& state) { state.last_seen = now; });
    {
        const std::scoped_lock lock(mutex_);
        heard_ = parts_.clock.monotonic();
        if (seen_written_ && heard_ < *seen_written_ + seen_interval) return;
        seen_written_ = heard_;
    }
    write_last_seen();
}

void GatewayLine::write_last_seen() {
    const auto state = parts_.roster.find(peer_.gateway);
    const auto seen = state ? state->last_seen : std::nullopt;
    if (!seen) return;
    if (const auto written = parts_.store.set_last_seen(peer_.gateway, rfc3339(*seen)); !written)
        log::error("can't store when a gateway was seen", {{"error", written.error().text()}});
}

void GatewayLine::tick() {
    bool silent = false;
    {
        const std::scoped_lock lock(mutex_);
        silent = parts_.clock.monotonic() > heard_ + silence;
    }
    if (silent) return end({Code::timeout, "nothing was heard for 30 s", peer_.gateway, {}, {}});
    if (greeted_) attester_.tick();
}

void GatewayLine::end(const Error& why) {
    calls_.end({Code::unavailable, "the gateway's line ended: " + why.what, peer_.gateway, {}, "try again"});
    wire_.end(why);
}

void GatewayLine::closed() {
    calls_.end({Code::unavailable, "the gateway's line was cut", peer_.gateway, {}, "try again"});
    // A newer line of this gateway is none of ours to touch; it may begin at any moment.
    if (!parts_.lines.remove(peer_.gateway, this)) return;
    parts_.roster.change(peer_.gateway, [this](GatewayState& state) {
        if (!parts_.lines.find(peer_.gateway)) state.connected = false;
    });
    write_last_seen();
    if (const auto state = parts_.roster.find(peer_.gateway))
        parts_.watchers.tell({peer_.gateway, {}, "gateway"}, tenants_of(*state));
    log::info("a gateway's line was cut", {{"gateway", peer_.gateway}});
}

}  // namespace bulkhead::console
