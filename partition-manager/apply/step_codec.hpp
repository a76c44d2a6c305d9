// Steps as they are journaled: JSON with a version of its own, so that an upgrade finds its way with a plan
// in flight.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/plan.hpp"

namespace bulkhead::apply {

inline constexpr int step_version = 1;

std::string encode_step(const model::Step& step);
// Code::newer for a step of a newer version, Code::corrupt for what is none.
Result<model::Step> decode_step(std::string_view text);

std::string encode_permits(const model::Permits& permits);
Result<model::Permits> decode_permits(std::string_view text);

}  // namespace bulkhead::apply
