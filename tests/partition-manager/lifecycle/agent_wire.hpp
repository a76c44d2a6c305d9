// What QEMU is between the two ends: a unix socket for the host, a character device (a raw pty) for the
// agent.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "base/unix_socket.hpp"

namespace bulkhead::lifecycle {

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = "/tmp/agent-test-XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class AgentWire {
  public:
    explicit AgentWire(const std::filesystem::path& socket)
        : listener_(*listen_unix(socket, 0600)), master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        ::grantpt(master_.get());
        ::unlockpt(master_.get());
        port_ = ::ptsname(master_.get());
        // Kept open, so that its settings stay.
        slave_ = Fd(::open(port_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios raw{};
        ::cfmakeraw(&raw);
        raw.c_cflag |= CS8 | CREAD;
        ::tcsetattr(slave_.get(), TCSANOW, &raw);
        pump_ = std::thread([this] { pump(); });
    }
    ~AgentWire() {
        end_ = true;
        pump_.join();
    }
    AgentWire(const AgentWire&) = delete;
    AgentWire& operator=(const AgentWire&) = delete;
    const std::string& port() const { return port_; }

  private:
    void pump() {
        Fd host;
        std::array<char, 2048> chunk{};
        while (!end_) {
            std::array<pollfd, 3> waiting{{{listener_.get(), POLLIN, 0},
                                           {host.get(), POLLIN, 0},
                                           {host ? master_.get() : -1, POLLIN, 0}}};
            ::poll(waiting.data(), waiting.size(), 50);
            if (!host && (waiting[0].revents & POLLIN) != 0)
                host = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if ((waiting[1].revents & (POLLIN | POLLHUP)) != 0 && !move(host, master_, chunk)) host.reset();
            if (host && (waiting[2].revents & POLLIN) != 0) move(master_, host, chunk);
        }
    }
    static bool move(const Fd& from, const Fd& to, std::array<char, 2048>& chunk) {
        const ssize_t count = ::read(from.get(), chunk.data(), chunk.size());
        for (ssize_t done = 0; done < count;) {
            const ssize_t written =
                ::write(to.get(), chunk.data() + done, static_cast<std::size_t>(count - done));
            if (written <= 0) break;
            done += written;
        }
        return count > 0;
    }

    Fd listener_;
    Fd master_;
    Fd slave_;
    std::string port_;
    std::atomic<bool> end_ = false;
    std::thread pump_;
};

// The real agent, and applications that are shell scripts.
class AgentProcess {
  public:
    AgentProcess(const std::string& port, const std::filesystem::path& applications) {
        pid_ = ::fork();
        if (pid_ != 0) return;
        const std::string folder = applications.string();
        ::execl(AGENT_PROGRAM, AGENT_PROGRAM, "--no-poweroff", "--user", "off", "--apps", folder.c_str(),
                port.c_str(), nullptr);
        ::_exit(127);
    }
    ~AgentProcess() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    AgentProcess(const AgentProcess&) = delete;
    AgentProcess& operator=(const AgentProcess&) = delete;
    pid_t pid() const { return pid_; }
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

  private:
    pid_t pid_ = 0;
};

inline void write_application(const std::filesystem::path& path, const std::string& script) {
    std::ofstream(path) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

}  // namespace bulkhead::lifecycle
