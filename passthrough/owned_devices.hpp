// Devices that processes of ours own, one each, which serve QEMU a socket or an interface. This starts,
// replaces and ends those processes; what kind of device it is, whoever derives from it knows.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "passthrough/folder_events.hpp"
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

  protected:
    // What its owners were told last, whether they live or not.
    std::vector<model::Assignment> recorded() const;
    // The same without one of them.
    std::vector<model::Assignment> all_but(const model::DeviceName& device) const;
    std::filesystem::path folder() const;
    // An empty fence, so that what is made from here on belongs to somebody who is found after a crash.
    Result<> mark(const model::DeviceName& device) const;

  private:
    // Where QEMU and where the partition manager reach its owner. QEMU's may be an interface, by its folder
    // in sysfs. All devices of the kind share the folder of the other, and no other kind has it.
    virtual std::filesystem::path socket(const model::DeviceName& device) const = 0;
    virtual std::filesystem::path control(const model::DeviceName& device) const = 0;
    virtual std::string_view program() const = 0;
    // Arguments that only this kind has.
    virtual std::vector<std::string> own_arguments(const model::Assignment& assignment) const = 0;
    // Before anything happens: Code::refused if the gateway itself needs the device.
    virtual Result<> check(const model::Assignment&) const { return {}; }
    // What the manager itself does for an owner, before it starts. Idempotent.
    virtual Result<> prepare(const model::Assignment&) { return {}; }
    // Whether that is so still.
    virtual bool is_prepared(const model::Assignment&) const { return true; }
    // What others than its owner know of one that is served.
    virtual void look_further(Hold&) const {}
    // No owner is left: what one that was killed could not give back, and what was prepared. `last`: its
    // record; null if none came about.
    virtual Result<> give_back(const model::DeviceName&, const model::Assignment* /*last*/) { return {}; }

    Hold look_at(const model::DeviceName& device) const;
    std::set<model::DeviceName> devices() const;
    bool serves(const OwnerState& state, const model::DeviceName& device) const;
    Result<> await(const model::Assignment& wanted, const FolderEvents& events) const;
    std::vector<std::string> command_of(const model::Assignment& assignment) const;
    std::vector<std::filesystem::path> files_of(const model::DeviceName& device) const;

    StartOwner start_owner_;
};

}  // namespace bulkhead::passthrough
