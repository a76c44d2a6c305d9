#include "partition-manager/daemon/requests.hpp"

#include <vector>

#include "spec/validate.hpp"

namespace bulkhead::daemon {
namespace {

std::unexpected<Errors> refuse(Error error) {
    return std::unexpected(Errors{std::move(error)});
}

std::unexpected<Errors> no_such_partition(const Engine& engine, const model::PartitionName& partition) {
    std::vector<std::string> known;
    if (engine.spec())
        for (const auto& candidate : engine.spec()->partitions) known.push_back(candidate.name.str());
    const std::string near = nearest(partition.str(), known);
    return refuse(Error{Code::not_found,
                        "there is no partition '" + partition.str() + "'",
                        {},
                        {},
                        near.empty() ? "bulkhead get partitions" : "did you mean " + near + "?"});
}

}  // namespace

const model::Partition* Requests::find(const model::PartitionName& partition) const {
    return engine_.spec() ? engine_.spec()->find(partition) : nullptr;
}

std::expected<model::Spec, Errors> Requests::read(const Document& document) const {
    auto spec = spec::read_spec(document.text, document.name);
    if (!spec) return spec;
    auto refusals = policies::judge(*spec, policy_);
    if (!refusals.empty()) {
        for (auto& refusal : refusals)
            refusal.where = document.name + (refusal.where.empty() ? "" : ": " + refusal.where);
        return std::unexpected(std::move(refusals));
    }
    return spec;
}

Change Requests::change_to(const model::Spec* spec, const model::Permits& permits, std::string actor) const {
    Change change;
    change.actor = std::move(actor);
    change.permits = permits;
    change.spec = spec;
    change.held = engine_.held();
    change.remember = [] { return Result<>(); };
    return change;
}

std::expected<Judged, Errors> Requests::plan(const Document& document, const model::Permits& permits) {
    const auto spec = read(document);
    if (!spec) return std::unexpected(spec.error());
    auto judged = engine_.judge(change_to(&*spec, permits, {}));
    if (!judged) return refuse(judged.error());
    return std::move(*judged);
}

std::expected<std::string, Errors> Requests::measure(const Document& document, const Measure& measure) {
    const auto spec = read(document);
    if (!spec) return std::unexpected(spec.error());
    auto measured = measure(*spec);
    if (!measured) return std::unexpected(Errors{measured.error()});
    return std::move(*measured);
}

std::expected<void, Errors> Requests::apply(const Document& document, const model::Permits& permits,
                                            const std::string& actor, const OperationSink& sink) {
    const auto spec = read(document);
    if (!spec) return std::unexpected(spec.error());
    Change change = change_to(&*spec, permits, actor);
    change.kind = "apply";
    change.remember = [&]() -> Result<> {
        BULKHEAD_TRY(store_.put_spec(document.text, document.name));
        return {};
    };
    return engine_.carry_out(change, sink);
}

std::expected<void, Errors> Requests::set_run(const model::PartitionName& partition, Run run,
                                              const std::string& actor, const OperationSink& sink) {
    if (find(partition) == nullptr) return no_such_partition(engine_, partition);
    // Asking for it by name is the permission.
    Change change = change_to(engine_.spec().get(), {{partition}, {}, {}}, actor);
    change.kind = "run";
    if (run == Run::stop) {
        change.held.insert(partition);
        change.remember = [&] { return store_.hold(partition, actor); };
    } else {
        change.held.erase(partition);
        change.remember = [&] { return store_.release_hold(partition); };
        if (run == Run::restart) change.restart.insert(partition);
    }
    return engine_.carry_out(change, sink);
}

std::expected<void, Errors> Requests::lock(const model::PartitionName& partition, const std::string& actor,
                                           const std::string& reason) {
    const auto* found = find(partition);
    if (found == nullptr) return no_such_partition(engine_, partition);
    if (reason.empty())
        return refuse(Error{Code::invalid, "a lock needs a reason", "partition/" + partition.str(),
                            "why nothing may disturb it", "add --reason TEXT"});
    if (auto done = store_.lock(partition, actor, reason); !done) return refuse(done.error());
    engine_.record({"partition.locked", actor, found->tenant, {}, partition, reason});
    if (auto read = engine_.reload(); !read) return refuse(read.error());
    return {};
}

std::expected<void, Errors> Requests::unlock(const model::PartitionName& partition,
                                             const std::string& actor) {
    const auto* found = find(partition);
    if (found == nullptr) return no_such_partition(engine_, partition);
    if (found->lock)
        return refuse(Error{Code::locked,
                            "the spec itself locks it (" + found->lock->by + ": " + found->lock->reason + ")",
                            "partition/" + partition.str(),
                            {},
                            "set lock: null in the spec and apply it"});
    if (auto done = store_.unlock(partition); !done) return refuse(done.error());
    engine_.record({"partition.unlocked", actor, found->tenant, {}, partition, {}});
    if (auto read = engine_.reload(); !read) return refuse(read.error());
    return {};
}

std::expected<void, Errors> Requests::tear_down(const std::string& actor, const OperationSink& sink) {
    // Also what a crash or a former spec left behind, so the permits come from what is there.
    const auto all = engine_.permits_for_all();
    if (!all) return refuse(all.error());
    Change change = change_to(nullptr, *all, actor);
    change.kind = "teardown";
    change.remember = [&] { return store_.forget_spec(); };
    return engine_.carry_out(change, sink);
}

}  // namespace bulkhead::daemon
