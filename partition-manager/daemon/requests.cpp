#include "partition-manager/daemon/requests.hpp"

#include <vector>

#include "base/text.hpp"
#include "partition-manager/uplink/desired_check.hpp"
#include "partition-manager/uplink/identity.hpp"
#include "spec/validate.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t longest_reason = 256;

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

Error console_owns_the_spec() {
    return {Code::refused,
            "the console owns the spec of this gateway",
            {},
            "a spec that IT signed",
            "sign it and apply it there; if that can't wait: --break-glass REASON"};
}

}  // namespace

Authority authority_of(apply::Ownership& ownership, const uplink::Identity& identity) {
    return {ownership, [&identity] { return identity.it_keys(); },
            [&identity] {
                const auto membership = identity.membership();
                return membership ? membership->gateway : std::string();
            }};
}

std::unexpected<Errors> refuse(Error error) {
    return std::unexpected(Errors{std::move(error)});
}

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
    if (auto refused = check_devices_ ? check_devices_(*spec, document) : Errors{}; !refused.empty())
        return std::unexpected(std::move(refused));
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
                                            const std::string& actor, const OperationSink& sink,
                                            const std::string& break_glass) {
    if (authority_ && uplink::is_envelope(document.text)) return apply_signed(document, sink);
    const auto enrolled = authority_ ? authority_->ownership.enrolled() : Result<bool>(false);
    if (!enrolled) return refuse(enrolled.error());
    if (*enrolled && break_glass.empty()) return refuse(console_owns_the_spec());
    if (printable(break_glass, longest_reason) != break_glass)
        return refuse(Error{Code::invalid,
                            "the reason is longer than 256 characters or no plain text",
                            "--break-glass",
                            "one line that says why",
                            {}});
    const auto spec = read(document);
    if (!spec) return std::unexpected(spec.error());
    Change change = change_to(&*spec, permits, actor);
    change.kind = "apply";
    change.remember = [&]() -> Result<> {
        BULKHEAD_TRY(store_.put_spec(document.text, document.name));
        return note_break_glass(break_glass, actor);
    };
    return engine_.carry_out(change, sink);
}

// Before the gateway joins a console the spec is a person's own: no glass stands before it.
Result<> Requests::note_break_glass(const std::string& reason, const std::string& actor) {
    if (!authority_) return {};
    BULKHEAD_TRY_ASSIGN(const bool enrolled, authority_->ownership.enrolled());
    if (!enrolled) return {};
    // It joined after this was asked for.
    if (reason.empty()) return std::unexpected(console_owns_the_spec());
    BULKHEAD_TRY(authority_->ownership.put_break_glass(reason, actor));
    engine_.record({"break-glass.begun", actor, {}, {}, {}, reason});
    return {};
}

// What a person may allow by a flag is allowed where the document is signed.
Errors Requests::refuse_signed(Errors errors, const std::string& actor) {
    for (auto& error : errors)
        if (error.mend.starts_with("--"))
            error.mend = "sign the next generation with it: bulkhead sign " + error.mend + " ...";
    engine_.record({"desired.refused", actor, {}, {}, {}, errors.front().text()});
    return errors;
}

std::expected<void, Errors> Requests::apply_signed(const Document& envelope, const OperationSink& sink) {
    return try_signed(envelope, sink).done;
}

std::expected<void, Errors> Requests::take_signed(const Document& envelope) {
    if (authority_) {
        const auto read = authority_->ownership.signed_spec();
        const auto in_force = read.value_or(std::nullopt);
        if (in_force && in_force->envelope == envelope.text) return {};
    }
    auto result = try_signed(envelope, {});
    if (result.taken) return {};
    return std::move(result.done);
}

Requests::SignedApply Requests::try_signed(const Document& envelope, const OperationSink& sink) {
    const auto refused = [&](Errors errors, const std::string& actor) {
        return SignedApply{false, std::unexpected(refuse_signed(std::move(errors), actor))};
    };
    if (!authority_)
        return {false, refuse(Error{Code::unsupported, "this gateway takes no signed specs", {}, {}, {}})};
    auto& ownership = authority_->ownership;
    const auto keys = authority_->it_keys();
    if (!keys) return refused({keys.error()}, "console");
    const auto read_spec = ownership.signed_spec();
    if (!read_spec) return {false, refuse(read_spec.error())};
    const auto& in_force = *read_spec;
    const auto accepted = uplink::check_desired(envelope.text, *keys, authority_->gateway(),
                                                in_force ? in_force->generation : 0, envelope.name);
    if (!accepted) return refused({accepted.error()}, "console");
    const auto& desired = accepted->desired;
    const std::string actor = "it:" + accepted->signer;
    const auto spec = read({desired.document, desired.document_name});
    if (!spec) return refused(spec.error(), actor);
    if (spec->gateway != desired.gateway)
        return refused({Error{Code::refused,
                              "the spec inside is of gateway '" + spec->gateway.str() + "'",
                              desired.document_name,
                              "gateway '" + desired.gateway.str() + "'",
                              {}}},
                       actor);
    Change change = change_to(&*spec, desired.permits, actor);
    change.kind = "apply";
    SignedApply result;
    change.remember = [&]() -> Result<> {
        BULKHEAD_TRY(store_.put_spec(desired.document, desired.document_name));
        BULKHEAD_TRY(ownership.put_signed(desired.generation, envelope.text, accepted->signer));
        engine_.record(
            {"desired.taken", actor, {}, {}, {}, "generation " + std::to_string(desired.generation)});
        result.taken = true;
        return {};
    };
    result.done = engine_.carry_out(change, sink);
    if (!result.done && !result.taken) return refused(std::move(result.done.error()), actor);
    return result;
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
    change.remember = [&]() -> Result<> {
        BULKHEAD_TRY(store_.forget_spec());
        return note_break_glass("teardown", actor);
    };
    return engine_.carry_out(change, sink);
}

}  // namespace bulkhead::daemon
