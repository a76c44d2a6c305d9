#include "partition-manager/daemon/judged.hpp"

#include <string>

namespace bulkhead::daemon {
namespace {

std::string subject_of(const model::Step& step) {
    return std::string(model::kind(step.action)) + "/" + model::subject(step.action);
}

}  // namespace

Errors errors_of(const Judged& judged) {
    Errors errors;
    for (const auto& [step, objection] : judged.refusals)
        errors.push_back({objection.rule.ends_with("locked") ? Code::locked : Code::refused,
                          objection.what + " (rule " + objection.rule + ")",
                          subject_of(judged.plan.steps[step]),
                          {},
                          objection.mend});
    return errors;
}

std::vector<Drift> drift_of(const Judged& judged) {
    std::vector<Drift> drift;
    for (const auto& [index, objection] : judged.refusals) {
        const auto& step = judged.plan.steps[index];
        drift.push_back({subject_of(step), std::string(model::verb(step.action)) + ": " + step.reason,
                         objection.rule, objection.mend});
    }
    return drift;
}

}  // namespace bulkhead::daemon
