#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/helper_control.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::daemon {

// An owner of the robot's line, as far as its manager sees it.
class GatedOwner {
  public:
    GatedOwner(Loop& loop, const std::filesystem::path& control, model::DeviceName device)
        : device_(std::move(device)),
          control_(loop, {[this] { return passthrough::encode(state()); },
                          [this, &loop](std::string_view request) {
                              const auto asked = passthrough::gate_request(request);
                              if (!asked) return;
                              gates.push_back(*asked);
                              loop.post([this] { control_.publish(); });
                          }}) {
        EXPECT_TRUE(control_.open(control));
    }
    std::vector<passthrough::Gate> gates;  // that it was asked for

  private:
    passthrough::OwnerState state() const {
        passthrough::OwnerState now{
            {device_, model::PartitionName("robot-cell"), 1, "/dev/ttyS1", {}}, true, true};
        now.assignment.terms = {true, model::OnLoss::detach};
        now.gate = gates.empty() ? passthrough::Gate::closed : gates.back();
        return now;
    }
    model::DeviceName device_;
    HelperControl control_;
};

}  // namespace bulkhead::daemon
