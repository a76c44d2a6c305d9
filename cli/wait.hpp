// Waiting until partitions are up.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"
#include "cli/command.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// Running, and either well or of an image that has no agent to ask. One that a person stopped is not waited
// for.
bool is_settled(const api::PartitionView& partition);

// "robot-cell is booting", "press is degraded: no answer from unit 1"
std::string waiting_for(const api::PartitionView& partition);

// Until all partitions, or only `name`, are settled; says on stderr what it waits for. Code "timeout" after
// `limit`.
Outcome<void> wait_until_settled(Context& context, const std::string& name, std::chrono::milliseconds limit,
                                 const std::string& gateway = {});
// Of a console's fleet: until the gateway has IT's generation in force. A gateway that refused it ends the
// wait at once, with its own errors.
Outcome<void> wait_until_taken(Context& context, const std::string& gateway, std::uint64_t generation,
                               std::chrono::milliseconds limit);

// --timeout and --wait, for the commands that have them.
Option wait_option();
Option timeout_option();
Outcome<std::chrono::milliseconds> timeout_of(const Invocation& args);

}  // namespace bulkhead::cli
