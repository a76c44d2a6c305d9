// Assigns serial lines to partitions: starts, replaces and ends their owner processes. Keeps nothing in
// memory, so a new daemon sees what the last one left.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/driver.hpp"
#include "model/layout.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

// Starts the program argv[0] ("bulkhead-serial") with its arguments, so that it outlives the caller. Has done
// its part when the process runs; the driver waits for it to serve.
using StartOwner = std::function<Result<>(const std::vector<std::string>& argv)>;

class SerialDriver final : public model::Driver {
  public:
    SerialDriver(model::Layout layout, StartOwner start_owner)
        : layout_(std::move(layout)), start_owner_(std::move(start_owner)) {}

    std::string_view name() const override { return "serial"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // For the views; byte counters are of now. An owner that does not answer is there with present = false
    // and the reason. May be called from any thread; takes up to a second for each hung owner.
    std::map<model::DeviceName, OwnerState> states() const;

  private:
    struct Seen {
        OwnerState state;
        bool serving = false;
    };
    std::map<model::DeviceName, Seen> look() const;
    Seen look_at(const model::DeviceName& device) const;
    bool serves(const OwnerState& state, const model::DeviceName& device) const;
    Result<> assign(const model::Assignment& wanted);
    Result<> await(const model::Assignment& wanted, int folder_events) const;
    Result<> release(const model::ReleaseDevice& action);
    std::vector<std::string> command_of(const model::Assignment& assignment) const;

    model::Layout layout_;
    StartOwner start_owner_;
};

}  // namespace bulkhead::passthrough
