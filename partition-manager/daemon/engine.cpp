#include "partition-manager/daemon/engine.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "partition-manager/apply/recovery.hpp"
#include "policies/disruption.hpp"
#include "spec/validate.hpp"

namespace bulkhead::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds calm_period = seconds(10);
constexpr milliseconds retry_period = seconds(2);
constexpr std::size_t kept_operations = 1000;

// The stored document was valid when it was stored; one that is not any more was written by another version.
Result<model::Spec> parse_stored(const apply::StoredSpec& stored) {
    auto spec = spec::read_spec(stored.document, stored.document_name);
    if (!spec) return std::unexpected(spec.error().front());
    return std::move(*spec);
}

Error told_to_stop() {
    return {Code::unavailable, "bulkheadd was told to stop", {}, {}, "it goes on when it is started again"};
}

Phase phase_after(const Error& error) {
    return error.code == Code::unavailable ? Phase::waiting : Phase::failed;
}

std::string past_tense(const model::Action& action) {
    const auto verb = model::verb(action);
    if (verb == "stop") return "stopped";
    return std::string(verb) + (verb.ends_with('e') ? "d" : "ed");
}

}  // namespace

Result<> Engine::load() {
    BULKHEAD_TRY(reload());
    phase_ = spec_ ? Phase::applying : Phase::none;
    publish();
    return {};
}

Result<> Engine::reload() {
    BULKHEAD_TRY_ASSIGN(const auto stored, parts_.store.spec());
    // No spec means that all of it may go, so one that can't be read leaves the former in force.
    std::shared_ptr<const model::Spec> read;
    if (stored) {
        BULKHEAD_TRY_ASSIGN(auto spec, parse_stored(*stored));
        read = std::make_shared<const model::Spec>(std::move(spec));
    }
    spec_ = std::move(read);
    generation_ = stored ? stored->generation : 0;
    marked_applied_ = false;
    BULKHEAD_TRY_ASSIGN(const auto applied, parts_.store.last_applied());
    previous_.reset();
    if (applied)
        if (auto spec = parse_stored(*applied))
            previous_ = std::make_unique<const model::Spec>(std::move(*spec));
    BULKHEAD_TRY_ASSIGN(held_, parts_.store.holds());
    BULKHEAD_TRY_ASSIGN(const auto set_at_run_time, parts_.store.locks());
    locks_.clear();
    for (const auto& [name, lock] : set_at_run_time) locks_[name] = {{lock.by, lock.reason}, lock.since};
    if (spec_)
        for (const auto& partition : spec_->partitions)
            if (partition.lock) locks_.try_emplace(partition.name, LockRecord{*partition.lock, {}});
    publish();
    return {};
}

Result<model::Observed> Engine::observe() {
    BULKHEAD_TRY_ASSIGN(auto observed, parts_.executor.observe());
    BULKHEAD_TRY_ASSIGN(observed.images, parts_.images());
    observed_ = observed;
    looked_ = true;
    return observed;
}

Result<plan::Intent> Engine::intent_of(const Change& change) {
    plan::Intent intent;
    intent.spec = change.spec;
    intent.previous = previous_.get();
    intent.stopped = change.held;
    intent.restart = change.restart;
    intent.permits = change.permits;
    BULKHEAD_TRY_ASSIGN(intent.uids, parts_.store.uids());
    if (change.spec != nullptr)
        for (const auto& partition : change.spec->partitions)
            if (auto& uid = intent.uids[partition.name]; uid.empty()) uid = apply::new_uuid();
    BULKHEAD_TRY_ASSIGN(intent.assignments, parts_.store.assignments());
    BULKHEAD_TRY_ASSIGN(intent.next_token, parts_.store.next_token());
    return intent;
}

// A missing image or bundle may be one that was refused; then the reason of that is what helps.
Result<model::Plan> Engine::plan_for(const plan::Intent& intent, const model::Observed& observed) const {
    images::BundleVerdicts verdicts;
    if (intent.spec != nullptr && parts_.bundles) verdicts = parts_.bundles(*intent.spec);
    auto complete = observed;
    complete.bundles = std::move(verdicts.verified);
    auto made = plan::make_plan(intent, complete);
    if (!made && made.error().code == Code::not_found)
        for (const auto& [name, error] : verdicts.refused)
            if (made.error().where == "partition/" + name.str()) return std::unexpected(error);
    if (made || made.error().code != Code::not_found) return made;
    for (const auto& [name, error] : parts_.refused_images())
        if (made.error().what.find("'" + name.str() + "'") != std::string::npos)
            return std::unexpected(error);
    return made;
}

plan::Judge Engine::judge_of(const model::Permits& permits, bool background) const {
    std::map<model::PartitionName, model::Lock> locks;
    for (const auto& [name, record] : locks_) locks[name] = record.lock;
    const auto mode = background ? policies::Mode::background : policies::Mode::requested;
    return [permits, locks, mode](const model::Step& step) -> std::optional<plan::Objection> {
        const auto verdict = policies::judge(step, permits, locks, mode);
        if (verdict.allowed) return std::nullopt;
        return plan::Objection{std::string(verdict.rule), verdict.what, verdict.mend};
    };
}

Result<model::Permits> Engine::permits_for_all() {
    BULKHEAD_TRY_ASSIGN(const auto observed, observe());
    model::Permits all;
    for (const auto& [name, machine] : observed.machines) all.restart.insert(name);
    for (const auto& [name, assignment] : observed.assignments) all.detach.insert(name);
    for (const auto& [id, volume] : observed.volumes) all.delete_volumes.insert(id);
    return all;
}

Result<Judged> Engine::judge(const Change& change) {
    BULKHEAD_TRY_ASSIGN(const auto observed, observe());
    BULKHEAD_TRY_ASSIGN(const auto intent, intent_of(change));
    BULKHEAD_TRY_ASSIGN(auto made, plan_for(intent, observed));
    auto verdict = plan::allowed(made, judge_of(change.permits, false));
    return Judged{std::move(made), std::move(verdict.refusals)};
}

std::expected<void, Errors> Engine::carry_out(const Change& change, const OperationSink& sink) {
    const auto one = [](Error error) { return std::unexpected(Errors{std::move(error)}); };
    const auto observed = observe();
    if (!observed) return one(observed.error());
    const auto intent = intent_of(change);
    if (!intent) return one(intent.error());
    const auto made = plan_for(*intent, *observed);
    if (!made) return one(made.error());
    auto refused = errors_of({*made, plan::allowed(*made, judge_of(change.permits, false)).refusals});
    if (!refused.empty()) return std::unexpected(std::move(refused));

    apply::Operation operation{apply::new_operation_id(parts_.clock),
                               change.kind,
                               change.actor,
                               generation_,
                               change.permits,
                               change.restart};
    // One commit: a crash finds either nothing, or the new spec with the operation that brings it about.
    const auto remembered = parts_.database.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.put_uids(intent->uids));
        BULKHEAD_TRY(change.remember());
        BULKHEAD_TRY_ASSIGN(const auto stored, parts_.store.spec());
        operation.generation = stored ? stored->generation : 0;
        return parts_.journal.begin(operation, *made);
    });
    if (!remembered) return one(remembered.error());
    if (auto read = reload(); !read) return one(read.error());
    for (const auto& partition : change.permits.restart) backoff_.forget(partition);

    operation_ = operation.id.str();
    log::set_operation(operation_);
    settle(Phase::applying, {});
    if (sink) sink({operation.id, &*made, 0, apply::StepState::planned, nullptr});
    const auto outcome = parts_.executor.resume(
        operation, *made,
        [&](const apply::Progress& progress) { note_progress(operation, *made, progress, sink); },
        parts_.stop);
    operation_.clear();
    log::set_operation({});
    std::optional<Error> error;
    if (!outcome)
        error = outcome.error();
    else if (outcome->interrupted)
        error = told_to_stop();
    else
        error = outcome->error;
    if (!error)
        if (auto kept = note_applied(); !kept) error = kept.error();
    if (auto read = reload(); !read && !error) error = read.error();
    if (auto seen = observe(); !seen) log::warning("can't observe", {{"error", seen.error().text()}});
    settle(error   ? phase_after(*error)
           : spec_ ? Phase::applied
                   : Phase::none,
           error ? error->text() : std::string());
    if (error) return one(*error);
    return {};
}

// The machine is as the spec says: what is remembered of other partitions is of no use any more.
Result<> Engine::note_applied() {
    std::set<model::PartitionName> names;
    if (spec_) {
        for (const auto& partition : spec_->partitions) names.insert(partition.name);
        if (!marked_applied_) BULKHEAD_TRY(parts_.store.mark_applied(generation_));
    }
    if (!marked_applied_) {
        BULKHEAD_TRY(parts_.store.retain(names));
        BULKHEAD_TRY(parts_.journal.prune(kept_operations));
    }
    marked_applied_ = true;
    return {};
}

milliseconds Engine::reconcile() {
    const auto finish = [&](const Result<>& result) {
        if (result) return calm_period;
        settle(phase_after(result.error()), result.error().text());
        return retry_period;
    };
    if (auto recovered = recover(); !recovered) return finish(recovered);
    const auto period = finish(repair());
    const auto start = backoff_.next(parts_.clock.monotonic());
    return start.count() > 0 ? std::min(period, start) : period;
}

Result<> Engine::recover() {
    apply::Operation resumed;
    model::Plan plan;
    const auto replan = [&](const apply::Operation& operation,
                            const model::Observed& observed) -> Result<model::Plan> {
        Change change;
        change.permits = operation.permits;
        change.restart = operation.restart;
        change.spec = spec_.get();
        change.held = held_;
        auto complete = observed;
        BULKHEAD_TRY_ASSIGN(complete.images, parts_.images());
        BULKHEAD_TRY_ASSIGN(const auto intent, intent_of(change));
        BULKHEAD_TRY(parts_.store.put_uids(intent.uids));
        BULKHEAD_TRY_ASSIGN(const auto made, plan_for(intent, complete));
        log::info("going on with an operation that was interrupted",
                  {{"operation", operation.id.str()}, {"steps", std::to_string(made.steps.size())}});
        resumed = operation;
        plan = plan::allowed(made, judge_of(operation.permits, false)).runnable;
        return plan;
    };
    const auto progress = [&](const apply::Progress& now) { note_progress(resumed, plan, now, {}); };
    BULKHEAD_TRY_ASSIGN(const auto outcome,
                        apply::recover(parts_.journal, parts_.executor, replan, progress, parts_.stop));
    if (!outcome) return {};
    if (outcome->interrupted) return std::unexpected(told_to_stop());
    if (outcome->error) return std::unexpected(*outcome->error);
    record({"operation.resumed", "manager", {}, {}, {}, "an interrupted operation was finished"});
    return {};
}

Result<> Engine::repair() {
    BULKHEAD_TRY_ASSIGN(const auto observed, observe());
    Change change;
    change.kind = "reconcile";
    change.actor = "manager";
    change.spec = spec_.get();
    change.held = held_;
    BULKHEAD_TRY_ASSIGN(auto intent, intent_of(change));
    intent.not_yet = backoff_.waiting(parts_.clock.monotonic());
    BULKHEAD_TRY_ASSIGN(auto made, plan_for(intent, observed));
    auto verdict = plan::allowed(made, judge_of({}, true));
    note_drift(drift_of({made, verdict.refusals}));
    if (!verdict.runnable.empty()) {
        publish();  // what ended is not shown as running while it is being started
        BULKHEAD_TRY(parts_.store.put_uids(intent.uids));
        BULKHEAD_TRY(run_in_background(change, verdict.runnable));
        BULKHEAD_TRY(observe());
    }
    const std::string delayed = delayed_start(intent.not_yet);
    if (drift_.empty() && delayed.empty()) BULKHEAD_TRY(note_applied());
    settle(!spec_             ? Phase::none
           : !drift_.empty()  ? Phase::drifting
           : !delayed.empty() ? Phase::waiting
                              : Phase::applied,
           drift_.empty() ? delayed : drift_.front().what);
    return {};
}

Result<> Engine::run_in_background(const Change& change, const model::Plan& plan) {
    const apply::Operation operation{
        apply::new_operation_id(parts_.clock), change.kind, change.actor, generation_, {}, {}};
    const auto progress = [&](const apply::Progress& now) {
        const auto& step = plan.steps[now.step];
        if (now.state == apply::StepState::started &&
            std::holds_alternative<model::StartMachine>(step.action))
            backoff_.note_restart(step.partition, parts_.clock.monotonic());
        note_progress(operation, plan, now, {});
    };
    BULKHEAD_TRY_ASSIGN(const auto outcome, parts_.executor.run(operation, plan, progress, parts_.stop));
    // What fails is tried for as long as it takes.
    BULKHEAD_TRY(parts_.journal.prune(kept_operations));
    if (outcome.interrupted) return std::unexpected(told_to_stop());
    if (outcome.error) return std::unexpected(*outcome.error);
    return {};
}

// Why the machine is not yet as the spec says, if all that is missing is a start that waits its turn.
std::string Engine::delayed_start(const std::set<model::PartitionName>& not_yet) const {
    for (const auto& name : not_yet) {
        const auto there = observed_.machines.find(name);
        if (spec_ && spec_->find(name) != nullptr && !held_.contains(name) &&
            there != observed_.machines.end() && there->second.power == model::Power::off)
            return "partition " + name.str() + " ended by itself and is started again later";
    }
    return {};
}

void Engine::note_progress(const apply::Operation& operation, const model::Plan& plan,
                           const apply::Progress& progress, const OperationSink& sink) {
    const auto& step = plan.steps[progress.step];
    if (progress.state == apply::StepState::done) note_step_done(operation, step);
    if (progress.state == apply::StepState::failed && progress.error != nullptr)
        record({"step.failed", operation.actor, tenant_of(step.partition), operation.id, step.partition,
                std::string(model::verb(step.action)) + " " + std::string(model::kind(step.action)) + " " +
                    model::subject(step.action) + ": " + progress.error->text()});
    if (sink) sink({operation.id, &plan, progress.step, progress.state, progress.error});
}

void Engine::note_step_done(const apply::Operation& operation, const model::Step& step) {
    if (std::holds_alternative<model::StartMachine>(step.action))
        if (auto counted = parts_.store.count_start(step.partition); !counted)
            log::error("can't count a start", {{"error", counted.error().text()}});
    // Its agent session begins and ends with the machine, not with the operation.
    if (std::holds_alternative<model::StartMachine>(step.action) ||
        std::holds_alternative<model::StopMachine>(step.action)) {
        if (auto seen = observe(); !seen) log::warning("can't observe", {{"error", seen.error().text()}});
        publish();
    }
    const std::string kind(model::kind(step.action));
    record({kind + "." + past_tense(step.action), operation.actor, tenant_of(step.partition), operation.id,
            step.partition, model::subject(step.action) + (step.reason.empty() ? "" : ": " + step.reason)});
}

void Engine::note_drift(std::vector<Drift> drift) {
    for (const auto& item : drift)
        if (std::ranges::find(drift_, item) == drift_.end())
            record({"drift.found",
                    "manager",
                    {},
                    {},
                    {},
                    item.subject + " needs: " + item.what + " (" + item.rule + ")"});
    if (drift.empty() && !drift_.empty())
        record({"drift.gone", "manager", {}, {}, {}, "the gateway is as its spec says"});
    drift_ = std::move(drift);
}

void Engine::record(const apply::Event& event) {
    if (auto appended = parts_.events.append(event); !appended)
        log::error("can't record an event", {{"code", event.code}, {"error", appended.error().text()}});
}

void Engine::settle(Phase phase, std::string reason) {
    if (phase != phase_ && (phase == Phase::waiting || phase == Phase::failed))
        log::warning("not as the spec says", {{"phase", std::string(to_string(phase))}, {"reason", reason}});
    phase_ = phase;
    reason_ = std::move(reason);
    publish();
}

void Engine::publish() {
    Snapshot snapshot{spec_,  generation_, phase_, reason_, looked_,   observed_,
                      drift_, held_,       locks_, {},      operation_};
    if (auto starts = parts_.store.starts())
        for (const auto& [name, count] : *starts) snapshot.starts[name] = count;
    parts_.board.publish(std::move(snapshot));
}

const model::TenantName& Engine::tenant_of(const model::PartitionName& partition) const {
    static const model::TenantName none;
    const auto* found = spec_ ? spec_->find(partition) : nullptr;
    return found == nullptr ? none : found->tenant;
}

}  // namespace bulkhead::daemon
