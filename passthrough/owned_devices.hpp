// Devices that processes of ours own, one each, which serve QEMU a socket. This starts, replaces and ends
// those processes; what kind of device it is, whoever derives from it knows.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "passthrough/mode.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

// Starts the program argv[0] ("bulkhead-serial") with its arguments, so that it outlives the caller. Has done
// its part when the process runs; the mode waits for it to serve.
using StartOwner = std::function<Result<>(const std::vector<std::string>& argv)>;

class OwnedDevices : public Mode {
  public:
    explicit OwnedDevices(StartOwner start_owner) : start_owner_(std::move(start_owner)) {}

    std::map<model::DeviceName, Hold> look() const final;
    Result<> assign(const model::Assignment& wanted) final;
    Result<> release(const model::DeviceName& device, std::uint64_t token) final;

  private:
    // Where QEMU and where the partition manager reach its owner. All devices of the kind share the folder,
    // and no other has it.
    virtual std::filesystem::path socket(const model::DeviceName& device) const = 0;
    virtual std::filesystem::path control(const model::DeviceName& device) const = 0;
    virtual std::string_view program() const = 0;
    // Arguments that only this kind has.
    virtual std::vector<std::string> own_arguments(const model::Assignment& assignment) const = 0;
    // Before anything happens: Code::refused if the gateway itself needs the device.
    virtual Result<> check(const model::Assignment&) const { return {}; }
    // No owner is left: what one that was killed could not give back.
    virtual Result<> give_back(const model::Assignment&) const { return {}; }

    Hold look_at(const model::DeviceName& device) const;
    bool serves(const OwnerState& state, const model::DeviceName& device) const;
    Result<> await(const model::Assignment& wanted, int folder_events) const;
    std::vector<std::string> command_of(const model::Assignment& assignment) const;
    std::filesystem::path folder() const;
    std::vector<std::filesystem::path> files_of(const model::DeviceName& device) const;

    StartOwner start_owner_;
};

}  // namespace bulkhead::passthrough
