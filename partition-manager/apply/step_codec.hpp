// Steps as they are journaled: JSON with a version of its own, so that an upgrade finds its way with a plan
// in flight.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/plan.hpp"

namespace bulkhead::apply {

// The text of a step of version N-1 turned into that of version N, where N - 1 is its place in the list, from
// 1. `version` itself is taken care of. Append only.
using StepMigration = Result<std::string> (*)(std::string_view text);
std::span<const StepMigration> step_migrations();

// The version that this build writes.
int step_version();

std::string encode_step(const model::Step& step);
// Code::newer for a step of a newer version, Code::corrupt for what is none.
Result<model::Step> decode_step(std::string_view text);
// The text in the newest version that `migrations` lead to.
Result<std::string> migrate_step(std::string_view text, std::span<const StepMigration> migrations);

std::string encode_permits(const model::Permits& permits);
Result<model::Permits> decode_permits(std::string_view text);

}  // namespace bulkhead::apply
