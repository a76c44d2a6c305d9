#include "partition-manager/daemon/guests.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "partition-manager/lifecycle/guest_configuration.hpp"
#include "passthrough/owner_control.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::chrono::milliseconds assessment_period{500};

using passthrough::Gate;
using passthrough::has_owner;

const model::ObservedMachine* machine_of(const Snapshot& snapshot, const model::PartitionName& name) {
    const auto found = snapshot.observed.machines.find(name);
    return found == snapshot.observed.machines.end() ? nullptr : &found->second;
}

unsigned starts_of(const Snapshot& snapshot, const model::PartitionName& name) {
    const auto found = snapshot.starts.find(name);
    return found == snapshot.starts.end() ? 0 : found->second;
}

}  // namespace

Guests::Guests(Loop& loop, const Clock& clock, model::Layout layout, const Board& board, Record record)
    : loop_(loop), clock_(clock), layout_(std::move(layout)), board_(board), record_(std::move(record)) {
    timer_ = loop_.every(assessment_period, [this] { assess(); });
}

Guests::~Guests() {
    loop_.cancel(timer_);
}

void Guests::follow() {
    const auto snapshot = board_.current();
    // One that left the spec keeps its session until it is off: its agent is still to be asked to power off.
    std::erase_if(guests_, [&](const auto& entry) {
        const bool wanted = snapshot->spec && snapshot->spec->find(entry.first) != nullptr;
        const auto* machine = machine_of(*snapshot, entry.first);
        return !wanted && (machine == nullptr || machine->power != model::Power::running);
    });
    if (!snapshot->looked) return;
    if (snapshot->spec)
        for (const auto& partition : snapshot->spec->partitions) follow(*snapshot, partition);
    assess();
}

void Guests::follow(const Snapshot& snapshot, const model::Partition& partition) {
    auto [entry, added] = guests_.try_emplace(partition.name);
    Guest& guest = entry->second;
    if (added) {
        guest.output = std::make_shared<lifecycle::Output>();
        guest.since = clock_.utc();
        guest.since_monotonic = clock_.monotonic();
    }
    guest.tenant = partition.tenant;
    const auto* machine = machine_of(snapshot, partition.name);
    const bool runs = machine != nullptr && machine->power == model::Power::running;
    const unsigned starts = starts_of(snapshot, partition.name);
    if (guest.running && (!runs || starts != guest.starts)) close(guest);
    if (snapshot.operation.empty()) guest.stopping = false;
    if (!runs) return;
    if (!guest.running) {
        guest.starts = starts;
        open(partition.name, guest);
    }
    if (auto sent = guest.session->configure(lifecycle::guest_configuration(*snapshot.spec, partition));
        !sent)
        log::error("can't configure a guest",
                   {{"partition", partition.name.str()}, {"error", sent.error().text()}});
    give_secrets(*snapshot.spec, partition, guest);
    watch_lines(*snapshot.spec, partition, guest);
    keep_gates(*snapshot.spec, partition.name, guest);
}

// Judged anew each time, and nothing is kept to be sent to whoever says hello next: that may be another
// start.
void Guests::give_secrets(const model::Spec& spec, const model::Partition& partition, Guest& guest) {
    if (!secrets_ || !guest.session->state().hello) return;
    auto secrets = secrets_(spec, partition);
    if (!secrets || secrets == guest.secrets) return;
    agent::v1::Secrets message;
    for (const auto& [name, value] : *secrets) (*message.mutable_values())[name] = value;
    if (auto sent = guest.session->send_secrets(message); !sent) {
        log::warning("secrets are not given",
                     {{"partition", partition.name.str()}, {"error", sent.error().text()}});
        return;
    }
    note_secrets(partition, guest, *secrets);
    guest.secrets = std::move(secrets);
}

// Names only: what a secret says is on no record.
void Guests::note_secrets(const model::Partition& partition, const Guest& guest,
                          const std::map<std::string, std::string>& secrets) {
    const bool had = guest.secrets && !guest.secrets->empty();
    const bool named = partition.application && !partition.application->secrets.empty();
    if (secrets.empty() && !had && !named) return;
    std::string names;
    for (const auto& [name, value] : secrets) names += (names.empty() ? "" : ", ") + name;
    record_({secrets.empty() ? "secret.withheld" : "secret.given",
             "manager",
             guest.tenant,
             {},
             partition.name,
             secrets.empty() ? "the application may read no secret" : "the application may read " + names});
}

void Guests::open(const model::PartitionName& name, Guest& guest) {
    guest.running = true;
    guest.stopping = false;
    guest.secrets.reset();
    guest.running_since = clock_.monotonic();
    // The session ends before the guest that these refer to.
    lifecycle::AgentCallbacks callbacks;
    callbacks.changed = [this, name, &guest] {
        note_hello(name, guest);
        give_secrets(name, guest);
    };
    callbacks.output = [this, &guest](const lifecycle::OutputLine& line) {
        if (line.dropped > 0)
            guest.output->append(clock_.utc(),
                                 "(" + std::to_string(line.dropped) + " lines dropped: too many)");
        guest.output->append(clock_.utc(), line.reading ? "reading: " + line.text : line.text);
    };
    callbacks.violation = [this, name, &guest](const lifecycle::Violation& violation) {
        record_({"application.violation",
                 "guest:" + name.str(),
                 guest.tenant,
                 {},
                 name,
                 "the application called " + violation.call + ", which its profile denies"});
    };
    callbacks.quote = [&guest](const lifecycle::QuoteAnswer& answer) {
        if (answer.round != guest.asked_quote || !guest.on_quote) return;
        std::exchange(guest.on_quote, {})(answer);
    };
    callbacks.activated = [&guest](const lifecycle::ActivateAnswer& answer) {
        if (answer.round != guest.asked_activation || !guest.on_activation) return;
        std::exchange(guest.on_activation, {})(answer);
    };
    guest.session = std::make_unique<lifecycle::AgentSession>(loop_, clock_, name, layout_.agent_socket(name),
                                                              std::move(callbacks));
}

void Guests::give_secrets(const model::PartitionName& name, Guest& guest) {
    if (!guest.session) return;
    // Another connection: nobody knows what that agent has.
    if (!guest.session->state().hello) guest.secrets.reset();
    const auto snapshot = board_.current();
    const auto* partition = snapshot->spec ? snapshot->spec->find(name) : nullptr;
    if (partition != nullptr) give_secrets(*snapshot->spec, *partition, guest);
}

void Guests::note_hello(const model::PartitionName& name, Guest& guest) {
    if (!guest.session || !guest.session->state().hello) return;
    const auto& hello = *guest.session->state().hello;
    if (hello.boot_id == guest.boot_id) return;
    guest.boot_id = hello.boot_id;
    record_({"agent.hello",
             "guest:" + name.str(),
             guest.tenant,
             {},
             name,
             "agent " + hello.version + ", kernel " + hello.kernel});
}

void Guests::close(Guest& guest) {
    guest.on_quote = {};
    guest.on_activation = {};
    guest.session.reset();
    guest.watches.clear();
    guest.devices.clear();
    guest.gates.clear();
    guest.running = false;
}

void Guests::watch_lines(const model::Spec& spec, const model::Partition& partition, Guest& guest) {
    const auto is_gone = [&](const auto& entry) {
        return std::ranges::find(partition.devices, entry.first, &model::DeviceUse::device) ==
               partition.devices.end();
    };
    std::erase_if(guest.watches, is_gone);
    std::erase_if(guest.devices, is_gone);
    std::erase_if(guest.gates, is_gone);
    for (const auto& use : partition.devices) {
        const auto kind = spec.kind_of(use.device);
        if (!has_owner(kind)) continue;
        auto& watch = guest.watches[use.device];
        if (watch) continue;
        guest.devices[use.device] = {use.device.str(), true, {}};  // until its owner says otherwise
        watch = std::make_unique<passthrough::OwnerWatch>(
            loop_, passthrough::owner_control(layout_, kind, use.device),
            [this, &guest, name = partition.name, device = use.device,
             kind](const std::optional<passthrough::OwnerState>& state) {
                on_owner(name, guest, device, kind, state);
            });
    }
}

void Guests::on_owner(const model::PartitionName& name, Guest& guest, const model::DeviceName& device,
                      model::DeviceKind kind, const std::optional<passthrough::OwnerState>& state) {
    auto& fact = guest.devices[device];
    const bool had = fact.present;
    fact.present = state && state->present && state->gate != Gate::closed;
    fact.error = state ? state->error : passthrough::unowned(kind);
    fact.withheld = state && state->gate == Gate::closed;
    if (!state) {
        guest.gates.erase(device);
        return;
    }
    note_gate(name, guest, *state);
    note_plugged(name, guest, device, state->found);
    if (fact.present && !had) guest.session->device_returned(device);
    if (const auto snapshot = board_.current(); snapshot->spec) keep_gates(*snapshot->spec, name, guest);
}

// What its owner does, not what it was asked for.
void Guests::note_gate(const model::PartitionName& name, Guest& guest, const passthrough::OwnerState& state) {
    const auto& device = state.assignment.device;
    const auto [known, fresh] = guest.gates.try_emplace(device, state.gate);
    const bool changed = !fresh && known->second != state.gate;
    known->second = state.gate;
    // As it always is until somebody knows more, or never is otherwise.
    if (!changed && (!fresh || state.gate != Gate::receive_only)) return;
    const char* code = state.gate == Gate::open     ? "device.granted"
                       : state.gate == Gate::closed ? "device.withheld"
                                                    : "device.receive_only";
    const char* what = state.gate == Gate::open     ? ": the partition is trusted, and has it"
                       : state.gate == Gate::closed ? ": the partition is not trusted, and has it no more"
                                                    : ": the partition is not trusted, and only hears it";
    record_({code, "manager", guest.tenant, {}, name, device.str() + what});
}

// An owner that was started anew has a closed gate, and a manager that was finds what stands.
void Guests::keep_gates(const model::Spec& spec, const model::PartitionName& name, Guest& guest) const {
    const auto* partition = spec.find(name);
    if (partition == nullptr || !gate_of_) return;
    for (const auto& use : partition->devices) {
        const auto told = guest.gates.find(use.device);
        if (!use.terms.trusted || told == guest.gates.end()) continue;
        if (const Gate wanted = gate_of_(name, use); wanted != told->second)
            guest.watches.at(use.device)->ask(wanted);
    }
}

// Its place is what a spec names, so another device there is the partition's too; somebody may want to know.
void Guests::note_plugged(const model::PartitionName& name, Guest& guest, const model::DeviceName& device,
                          const std::string& found) {
    if (found.empty()) return;
    auto& before = guest.plugged[device];
    if (!before.empty() && before != found)
        record_({"device.replaced",
                 "manager",
                 guest.tenant,
                 {},
                 name,
                 device.str() + ": " + found + "; before: " + before});
    before = found;
}

// Of what no process of ours owns, the buses tell.
void Guests::look_at_devices(const model::Spec& spec, const model::PartitionName& name, Guest& guest) const {
    if (!guest.running || !fact_of_) return;
    for (const auto& use : spec.find(name)->devices)
        if (const auto* device = spec.find(use.device); device != nullptr && !has_owner(device->kind))
            guest.devices[use.device] = fact_of_(*device);
}

Result<Guests::Guest*> Guests::find_speaking(const model::PartitionName& partition) {
    const auto found = guests_.find(partition);
    if (found == guests_.end() || !found->second.session)
        return fail(Code::unavailable, "it does not run", partition.str());
    return &found->second;
}

Result<> Guests::ask_quote(const model::PartitionName& partition, agent::v1::QuoteRequest request,
                           OnQuote done) {
    BULKHEAD_TRY_ASSIGN(Guest* const guest, find_speaking(partition));
    request.set_round(++question_);
    BULKHEAD_TRY(guest->session->ask(request));
    guest->asked_quote = question_;
    guest->on_quote = std::move(done);
    return {};
}

Result<> Guests::ask_activation(const model::PartitionName& partition, agent::v1::ActivateRequest request,
                                OnActivation done) {
    BULKHEAD_TRY_ASSIGN(Guest* const guest, find_speaking(partition));
    request.set_round(++question_);
    BULKHEAD_TRY(guest->session->ask(request));
    guest->asked_activation = question_;
    guest->on_activation = std::move(done);
    return {};
}

bool Guests::shutdown(const model::PartitionName& partition, std::chrono::milliseconds grace) {
    const auto found = guests_.find(partition);
    if (found == guests_.end() || !found->second.session) return false;
    found->second.stopping = true;
    return found->second.session->shutdown(grace).has_value();
}

lifecycle::HealthFacts Guests::facts_of(const Snapshot& snapshot, const model::PartitionName& name,
                                        const Guest& guest) const {
    using lifecycle::Intent;
    lifecycle::HealthFacts facts;
    const bool started_before = starts_of(snapshot, name) > 0;
    if (const auto* machine = machine_of(snapshot, name)) facts.power = machine->power;
    facts.intent = guest.stopping || snapshot.held.contains(name) ? Intent::stop : Intent::start;
    facts.started_before = started_before;
    facts.start_failed = started_before && snapshot.operation.empty();
    facts.failure = "it has ended and will be started again";
    facts.now = clock_.monotonic();
    if (guest.running)
        facts.powered_for =
            std::chrono::duration_cast<std::chrono::milliseconds>(facts.now - guest.running_since);
    facts.application_wanted = snapshot.spec->find(name)->application.has_value();
    for (const auto& [device, fact] : guest.devices) facts.devices.push_back(fact);
    facts.agent = guest.session ? &guest.session->state() : nullptr;
    facts.heartbeat_interval = lifecycle::AgentSession::heartbeat_interval;
    return facts;
}

void Guests::assess() {
    const auto snapshot = board_.current();
    const auto now = clock_.monotonic();
    std::map<model::PartitionName, GuestView> views;
    std::map<model::PartitionName, std::shared_ptr<lifecycle::Output>> outputs;
    if (!snapshot->looked) return;
    for (auto& [name, guest] : guests_) {
        if (!snapshot->spec || snapshot->spec->find(name) == nullptr) continue;
        look_at_devices(*snapshot->spec, name, guest);
        auto verdict = lifecycle::judge(facts_of(*snapshot, name, guest));
        if (verdict.state != guest.verdict.state || verdict.health != guest.verdict.health) {
            guest.since = clock_.utc();
            guest.since_monotonic = now;
            record_({"partition.health",
                     "manager",
                     guest.tenant,
                     {},
                     name,
                     std::string(to_string(verdict.state)) + ", " + std::string(to_string(verdict.health)) +
                         (verdict.reason.empty() ? "" : ": " + verdict.reason)});
        }
        guest.verdict = std::move(verdict);
        GuestView view{std::string(to_string(guest.verdict.state)),
                       std::string(to_string(guest.verdict.health)),
                       guest.verdict.reason,
                       guest.since,
                       guest.since_monotonic,
                       {},
                       guest.devices};
        if (guest.session) view.agent = guest.session->state();
        views.emplace(name, std::move(view));
        outputs.emplace(name, guest.output);
    }
    const std::scoped_lock lock(mutex_);
    views_ = std::move(views);
    outputs_ = std::move(outputs);
}

std::optional<GuestView> Guests::view(const model::PartitionName& partition) const {
    const std::scoped_lock lock(mutex_);
    const auto found = views_.find(partition);
    if (found == views_.end()) return std::nullopt;
    return found->second;
}

std::shared_ptr<lifecycle::Output> Guests::output(const model::PartitionName& partition) const {
    const std::scoped_lock lock(mutex_);
    const auto found = outputs_.find(partition);
    return found == outputs_.end() ? nullptr : found->second;
}

}  // namespace bulkhead::daemon
