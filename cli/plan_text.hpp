// A plan as people read it: a diff of the gateway.
#pragma once

#include <string>
#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// "create volume robot-cell/data 64MiB"
std::string step_line(const api::Step& step);

struct PlanStyle {
    bool colour = false;
    bool wide = false;          // with the steps' numbers and what they wait for
    std::string file = "FILE";  // for the command that would be allowed
};

// One line a step, "+" makes, "-" takes away, "~" changes; marks, reasons, a summary. In the order of
// execution.
std::string plan_text(const api::PlanReply& plan, const PlanStyle& style);
// What stands in the way, with the flags that allow it; empty if nothing does.
std::string refusals_text(const api::PlanReply& plan, const PlanStyle& style);

// What a person should know besides: volumes that are kept, ...
std::string notes_text(const api::PlanReply& plan, bool colour);

// The flags that would allow what was refused: {"--allow-restart", "robot-cell"}; empty if no flag can.
std::vector<std::string> flags_that_allow(const api::PlanReply& plan);

}  // namespace bulkhead::cli
