// A process forked before the daemon gives up its rights. It starts the daemon's few helper programs, each of
// which enters a seccomp profile of its own, and nothing else: a taken-over daemon can't use it to run what
// it likes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::daemon {

// What may be started, and as whom.
struct Program {
    std::string path;  // absolute
    bool unprivileged =
        false;  // only under a user of its own from `first_own_user` on, without any capability
};

// User and group ids that no distribution gives out (systemd's list, "UIDs and GIDs": from 0x70000000 on).
inline constexpr uid_t first_own_user = 0x7000'0000;
inline constexpr uid_t own_users = 0x00ff'ffff;

// What a started program gets beside its arguments.
struct Gift {
    std::vector<int>
        fds;         // the program finds copies of them under `first_inherited_fd` and the numbers after it
    uid_t user = 0;  // and group; 0: as the launcher, which is root
};

class Launcher {
  public:
    static constexpr int first_inherited_fd = 3;
    static constexpr std::size_t inherited_fds_limit = 4;

    // Forks. Call while the process has one thread, before any filter.
    static Result<Launcher> fork(const std::vector<Program>& programs);

    // Starts argv[0] in a session of its own, with stdin from /dev/null and the daemon's stderr. It outlives
    // the daemon. Blocks until the program was executed, or could not be.
    // From any thread.
    Result<> start(const std::vector<std::string>& argv, const Gift& gift = {}) const;
    // Starts that program, whatever name a driver has for it in argv[0]. Both outlive what is returned.
    std::function<Result<>(std::vector<std::string> argv)> starts(const std::filesystem::path& program) const;

  private:
    explicit Launcher(Fd socket) : socket_(std::move(socket)) {}
    Fd socket_;
    // One request and its answer at a time.
    std::unique_ptr<std::mutex> turn_ = std::make_unique<std::mutex>();
};

}  // namespace bulkhead::daemon
