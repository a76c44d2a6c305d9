// The parts of the partition manager, made and wired in the order in which they need each other.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "model/observed.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/options.hpp"

namespace bulkhead::daemon {

class Manager {
  public:
    // Opens state, switch and control socket; starts nothing yet. `launcher` was forked before.
    static Result<std::unique_ptr<Manager>> open(const Options& options, Launcher launcher,
                                                 model::Accelerator accelerator);
    ~Manager();

    // Until SIGTERM or SIGINT. Partitions live on.
    Result<> run();

  private:
    struct Parts;
    explicit Manager(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bulkhead::daemon
