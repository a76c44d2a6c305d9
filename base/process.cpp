#include "base/process.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace bulkhead {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds time_to_die(5);

}  // namespace

// By number: <sys/pidfd.h> of glibc 2.36 declares them with C++ linkage.
Fd open_process(pid_t pid) {
    return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool ready_before(int fd, Steady::time_point deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        pollfd entry{fd, POLLIN, 0};
        const int count = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (count >= 0 || errno != EINTR) return count > 0;
    }
}

Result<> kill_process(const Fd& process, const std::string& name) {
    if (::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH)
        return fail_errno("can't end the " + name);
    if (ready_before(process.get(), Steady::now() + time_to_die)) return {};
    return fail(Code::timeout, "the " + name + " does not end");
}

}  // namespace bulkhead
