// The parts of the partition manager, made and wired in the order in which they need each other.
#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "model/observed.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/options.hpp"
#include "vnet/left_checksums.hpp"

namespace bulkhead::daemon {

// What was found out about this host while the process still had all rights.
struct HostFacts {
    model::Accelerator accelerator;
    std::vector<model::Lack> router_lacks;
    vnet::LeftChecksums left_checksums;
};

class Manager {
  public:
    // Opens state, switch and control socket; starts nothing yet. `launcher` was forked before.
    static Result<std::unique_ptr<Manager>> open(const Options& options, Launcher launcher, HostFacts host);
    ~Manager();

    // Until SIGTERM or SIGINT. Partitions live on.
    Result<> run();

  private:
    struct Parts;
    explicit Manager(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bulkhead::daemon
