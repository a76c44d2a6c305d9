// Between our values and the control API's messages. Pure.
#pragma once

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "partition-manager/daemon/engine.hpp"

namespace bulkhead::daemon {

// Code::invalid for a volume that is not PARTITION/VOLUME.
Result<model::Permits> from_message(const v1alpha1::Permits& message);

// `index` is the step's place in its plan, from 0; the message counts from 1.
v1alpha1::Step to_message(const model::Step& step, std::size_t index);
v1alpha1::Progress to_message(const OperationProgress& progress);
void fill(v1alpha1::PlanReply& reply, const Judged& judged);

}  // namespace bulkhead::daemon
