// The one path: observe, plan, judge, execute. A timer, a libvirt event, an agent's message and an API call
// all lead here. All calls belong to the worker's thread and may block.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "images/bundle/verdicts.hpp"
#include "model/driver.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/apply/executor.hpp"
#include "partition-manager/apply/journal.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/daemon/backoff.hpp"
#include "partition-manager/daemon/judged.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "partition-manager/plan/allowed.hpp"
#include "partition-manager/plan/planner.hpp"
#include "policies/gateway_policy.hpp"

namespace bulkhead::daemon {

// What an operation says while it runs.
struct OperationProgress {
    apply::OperationId operation;
    const model::Plan* plan = nullptr;
    std::size_t step = 0;
    apply::StepState state = apply::StepState::planned;  // planned: the plan is known, nothing is done yet
    const Error* error = nullptr;
};
using OperationSink = std::function<void(const OperationProgress&)>;

// A change that somebody asks for. It is planned first, and remembered only if nothing refuses it.
struct Change {
    std::string kind;   // apply, run, teardown
    std::string actor;  // uid:0
    model::Permits permits;
    std::set<model::PartitionName> restart;
    const model::Spec* spec = nullptr;  // that shall be in force; null: none, all is removed
    std::set<model::PartitionName> held;
    std::function<Result<>()> remember;  // writes what was asked to the store, in one commit with the journal
};

struct EngineParts {
    storage::Database& database;
    apply::Store& store;
    apply::Journal& journal;
    apply::Events& events;
    apply::Executor& executor;
    const Clock& clock;
    Board& board;
    const policies::Policy& policy;
    // Verified images go into what was observed; they are no driver's.
    std::function<Result<std::map<model::ImageName, model::Image>>()> images;
    // Why an image that is there was not among them.
    std::function<std::map<model::ImageName, Error>()> refused_images;
    std::stop_token stop;
    // The bundles that a spec names: verified for their partitions, or refused with the reason. None: no
    // store.
    std::function<images::BundleVerdicts(const model::Spec&)> bundles;
};

class Engine {
  public:
    explicit Engine(EngineParts parts) : parts_(std::move(parts)) {}

    // Reads what is remembered and publishes it. An error means that the state database can't be used.
    Result<> load();

    // Finishes what a crash interrupted, then brings the machine as near to the spec as it may without
    // asking. Returns when to call again at the latest.
    std::chrono::milliseconds reconcile();

    // Permission to remove everything of ours that is there.
    Result<model::Permits> permits_for_all();
    // What a change would do. Changes nothing.
    Result<Judged> judge(const Change& change);
    // Does it. Errors: every refusal, or what went wrong; after a refusal nothing is changed.
    std::expected<void, Errors> carry_out(const Change& change, const OperationSink& sink);

    const std::shared_ptr<const model::Spec>& spec() const { return spec_; }
    const std::set<model::PartitionName>& held() const { return held_; }
    std::uint64_t generation() const { return generation_; }
    // Reads the store again after a change to it, and publishes.
    Result<> reload();
    void record(const apply::Event& event);

  private:
    Result<model::Observed> observe();
    Result<plan::Intent> intent_of(const Change& change);
    plan::Judge judge_of(const model::Permits& permits, bool background) const;
    Result<> note_applied();
    Result<model::Plan> plan_for(const plan::Intent& intent, const model::Observed& observed) const;
    Result<> recover();
    Result<> repair();
    Result<> run_in_background(const Change& change, const model::Plan& plan);
    std::string delayed_start(const std::set<model::PartitionName>& not_yet) const;
    void note_progress(const apply::Operation& operation, const model::Plan& plan,
                       const apply::Progress& progress, const OperationSink& sink);
    void note_step_done(const apply::Operation& operation, const model::Step& step);
    void note_drift(std::vector<Drift> drift);
    void settle(Phase phase, std::string reason);
    void publish();
    const model::TenantName& tenant_of(const model::PartitionName& partition) const;

    EngineParts parts_;
    std::shared_ptr<const model::Spec> spec_;  // shared with published snapshots
    std::unique_ptr<const model::Spec> previous_;
    std::uint64_t generation_ = 0;
    std::set<model::PartitionName> held_;
    std::map<model::PartitionName, LockRecord> locks_;
    bool looked_ = false;
    model::Observed observed_;
    Phase phase_ = Phase::none;
    std::string reason_;
    std::vector<Drift> drift_;
    std::string operation_;
    bool marked_applied_ = false;  // since the spec was read last
    StartBackoff backoff_;
};

}  // namespace bulkhead::daemon
