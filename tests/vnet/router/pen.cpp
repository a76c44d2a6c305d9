#include "tests/vnet/router/pen.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "vnet/tap.hpp"

namespace bulkhead::vnet::router::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "a pen failed: %s\n", why.c_str());
    ::_exit(1);
}

Fd tap_of(const std::string& name) {
    auto tap = open_tap(name);
    if (!tap) give_up(tap.error().text());
    return std::move(*tap);
}

void carry(int from, int to) {
    std::array<char, 70'000> frame{};
    const ssize_t got = ::read(from, frame.data(), frame.size());
    if (got > 0 && ::write(to, frame.data(), static_cast<std::size_t>(got)) < 0)
        return;  // full or down: lost
}

// Carries frames between two taps, as QEMU and a guest's driver do.
[[noreturn]] void carry_on(const Fd& outer, const Fd& inner) {
    std::array<pollfd, 2> ready{pollfd{outer.get(), POLLIN, 0}, pollfd{inner.get(), POLLIN, 0}};
    while (::poll(ready.data(), ready.size(), -1) >= 0) {
        // A tap that was deleted, as when its port is: QEMU loses its network then, too.
        if (((ready[0].revents | ready[1].revents) & (POLLERR | POLLHUP | POLLNVAL)) != 0) ::_exit(0);
        if ((ready[0].revents & POLLIN) != 0) carry(outer.get(), inner.get());
        if ((ready[1].revents & POLLIN) != 0) carry(inner.get(), outer.get());
    }
    give_up("poll");
}

[[noreturn]] void live(const model::Port* port, int done) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Fd outer;
    Fd inner;
    if (port != nullptr) outer = tap_of(port->name.str());
    if (::unshare(CLONE_NEWNET) != 0) give_up("unshare");
    std::string commands = "ip link set lo up";
    if (port != nullptr) {
        inner = tap_of("eth0");
        commands += " && ip link set eth0 address " + to_string(port->mac) + " up";
    }
    if (std::system(commands.c_str()) != 0) give_up(commands);
    if (::write(done, "", 1) != 1) give_up("pipe");
    if (port != nullptr) carry_on(outer, inner);
    while (true) ::pause();
}

pid_t begin(const model::Port* port) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return 0;
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) live(port, writing.get());
    writing.reset();
    char said = 0;
    EXPECT_EQ(::read(reading.get(), &said, 1), 1) << "a pen did not come to be";
    return child;
}

}  // namespace

Pen::Pen() : pid_(begin(nullptr)) {
}
Pen::Pen(const model::Port& port) : pid_(begin(&port)) {
}

Pen::~Pen() {
    started_.push_back(pid_);
    for (const pid_t each : started_) {
        ::kill(each, SIGKILL);
        ::waitpid(each, nullptr, 0);
    }
}

int Pen::run(const std::string& command, std::string* output) const {
    const std::string whole = "nsenter -t " + std::to_string(pid_) + " -n sh -c '" + command + "' 2>&1";
    FILE* const pipe = ::popen(whole.c_str(), "r");
    std::array<char, 4096> bytes{};
    while (const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), pipe))
        if (output != nullptr) output->append(bytes.data(), got);
    const int status = ::pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Pen::start(const std::string& command, const std::string& log) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const std::string target = std::to_string(pid_);
        const std::string redirected = "exec " + command + " >" + log + " 2>&1";
        ::execlp("nsenter", "nsenter", "-t", target.c_str(), "-n", "sh", "-c", redirected.c_str(), nullptr);
        ::_exit(127);
    }
    started_.push_back(child);
}

}  // namespace bulkhead::vnet::router::test
