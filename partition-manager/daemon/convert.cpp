#include "partition-manager/daemon/convert.hpp"

#include "rpc/error_message.hpp"

namespace bulkhead::daemon {
namespace {

v1alpha1::Progress::State to_message(apply::StepState state) {
    switch (state) {
        case apply::StepState::planned:
            return v1alpha1::Progress::planned;
        case apply::StepState::started:
            return v1alpha1::Progress::started;
        case apply::StepState::done:
            return v1alpha1::Progress::done;
        case apply::StepState::failed:
            return v1alpha1::Progress::failed;
        case apply::StepState::skipped:
            return v1alpha1::Progress::skipped;
    }
    return v1alpha1::Progress::failed;
}

}  // namespace

Result<model::Permits> from_message(const v1alpha1::Permits& message) {
    model::Permits permits;
    for (const auto& name : message.restart()) permits.restart.insert(model::PartitionName(name));
    for (const auto& name : message.detach()) permits.detach.insert(model::DeviceName(name));
    for (const auto& name : message.delete_volumes()) {
        const auto slash = name.find('/');
        if (slash == std::string::npos)
            return fail(Code::invalid, "'" + name + "' is not the name of a volume", {}, "PARTITION/VOLUME",
                        "such as robot-cell/data");
        permits.delete_volumes.insert(
            {model::PartitionName(name.substr(0, slash)), model::VolumeName(name.substr(slash + 1))});
    }
    return permits;
}

v1alpha1::Step to_message(const model::Step& step, std::size_t index) {
    v1alpha1::Step message;
    message.set_id(static_cast<std::uint32_t>(index + 1));
    message.set_action(std::string(model::verb(step.action)));
    message.set_kind(std::string(model::kind(step.action)));
    message.set_subject(model::subject(step.action));
    message.set_detail(model::detail(step.action));
    message.set_disruption(std::string(model::to_string(step.disruption)));
    message.set_reason(step.reason);
    message.set_partition(step.partition.str());
    for (const std::size_t before : step.after) message.add_after(static_cast<std::uint32_t>(before + 1));
    return message;
}

v1alpha1::Progress to_message(const OperationProgress& progress) {
    v1alpha1::Progress message;
    message.set_operation(progress.operation.str());
    message.set_state(to_message(progress.state));
    if (progress.state == apply::StepState::planned) {
        for (std::size_t i = 0; i < progress.plan->steps.size(); ++i)
            *message.add_steps() = to_message(progress.plan->steps[i], i);
    } else {
        *message.mutable_step() = to_message(progress.plan->steps[progress.step], progress.step);
    }
    if (progress.error != nullptr) *message.mutable_error() = rpc::to_message(*progress.error);
    return message;
}

void fill(v1alpha1::PlanReply& reply, const Judged& judged) {
    for (std::size_t i = 0; i < judged.plan.steps.size(); ++i)
        *reply.add_steps() = to_message(judged.plan.steps[i], i);
    for (const auto& refusal : judged.refusals) {
        auto& message = *reply.add_refusals();
        message.set_step(static_cast<std::uint32_t>(refusal.step + 1));
        message.set_rule(refusal.objection.rule);
        message.set_what(refusal.objection.what);
        message.set_mend(refusal.objection.mend);
    }
    for (const auto& note : judged.plan.notes) reply.add_notes(note);
}

}  // namespace bulkhead::daemon
