#include "guest-agent/dhcp_client.hpp"

#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

namespace bulkhead::agent {

DhcpClient::DhcpClient(Loop& loop, DhcpPrograms programs, std::string interface, std::function<void()> ended)
    : loop_(loop),
      programs_(std::move(programs)),
      interface_(std::move(interface)),
      ended_(std::move(ended)) {
}

DhcpClient::~DhcpClient() {
    if (pid_ == 0) return;
    if (process_) loop_.unwatch(process_.get());
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

Result<> DhcpClient::ask() {
    if (pid_ != 0) return {};
    std::array<std::string, 13> words{"udhcpc", "-f", "-q",       "-n", "-t", "3", "-T",
                                      "2",      "-i", interface_, "-s", "",   "-S"};
    words[11] = programs_.lease.string();
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::array<char*, 2> environment{path.data(), nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, programs_.busybox.c_str(), nullptr, nullptr, arguments.data(),
                                     environment.data());
    if (failed != 0) {
        errno = failed;
        return fail_errno("can't ask for an address", programs_.busybox.string());
    }
    pid_ = child;
    process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    if (!process_) return fail_errno("can't watch udhcpc");
    return loop_.watch(process_.get(), EPOLLIN, [this](std::uint32_t) { on_end(); });
}

void DhcpClient::on_end() {
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    loop_.unwatch(process_.get());
    process_.reset();
    pid_ = 0;
    ended_();
}

}  // namespace bulkhead::agent
