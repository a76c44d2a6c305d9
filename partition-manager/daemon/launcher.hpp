// A process forked before the daemon gives up its rights. It starts the daemon's few helper programs, each of
// which enters a seccomp profile of its own, and nothing else: a taken-over daemon can't use it to run what
// it likes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::daemon {

class Launcher {
  public:
    // Forks. Call while the process has one thread, before any filter. `programs` are the absolute paths that
    // may be started.
    static Result<Launcher> fork(const std::vector<std::string>& programs);

    // Starts argv[0] in a session of its own, with stdin from /dev/null and the daemon's stderr. It outlives
    // the daemon. Blocks until the program was executed, or could not be.
    Result<> start(const std::vector<std::string>& argv) const;

  private:
    explicit Launcher(Fd socket) : socket_(std::move(socket)) {}
    Fd socket_;
};

}  // namespace bulkhead::daemon
