// Serial lines: a process of ours owns each tty and serves QEMU a socket. This starts, replaces and ends
// those processes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/layout.hpp"
#include "passthrough/mode.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

// Starts the program argv[0] ("bulkhead-serial") with its arguments, so that it outlives the caller. Has done
// its part when the process runs; the mode waits for it to serve.
using StartOwner = std::function<Result<>(const std::vector<std::string>& argv)>;

class SerialLines final : public Mode {
  public:
    SerialLines(model::Layout layout, StartOwner start_owner)
        : layout_(std::move(layout)), start_owner_(std::move(start_owner)) {}

    model::DeviceKind kind() const override { return model::DeviceKind::serial; }
    std::map<model::DeviceName, Hold> look() const override;
    Result<> assign(const model::Assignment& wanted) override;
    Result<> release(const model::DeviceName& device, std::uint64_t token) override;

  private:
    Hold look_at(const model::DeviceName& device) const;
    bool serves(const OwnerState& state, const model::DeviceName& device) const;
    Result<> await(const model::Assignment& wanted, int folder_events) const;
    std::vector<std::string> command_of(const model::Assignment& assignment) const;

    model::Layout layout_;
    StartOwner start_owner_;
};

}  // namespace bulkhead::passthrough
