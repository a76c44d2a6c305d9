// The factory of the examples as a planner's tests begin with it.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {

inline Gateway running_factory() {
    Gateway gateway;
    gateway.spec = fake::factory();
    gateway.converge();
    return gateway;
}

inline model::Partition& robot(Gateway& gateway) {
    return gateway.spec.partitions[0];
}
inline model::Partition& press(Gateway& gateway) {
    return gateway.spec.partitions[1];
}

inline const model::Step& step_of(const model::Plan& plan, const std::string& line) {
    const auto found = std::ranges::find(plan.steps, line, line_of);
    if (found == plan.steps.end()) throw std::runtime_error("no step: " + line);
    return *found;
}

inline std::string subject_of_port(const std::string& partition) {
    return model::port_name(model::PartitionName(partition), 0).str();
}

}  // namespace bulkhead::plan
