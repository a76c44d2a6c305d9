#include "partition-manager/daemon/launcher.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/text.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t request_limit = 16 * 1024;

// In the grandchild: becomes the program. Reports a failed exec through `failed`, which exec closes.
[[noreturn]] void become(std::vector<std::string> argv, int failed) {
    ::setsid();
    // Ignored signals are inherited across exec, and a program that waits for SIGTERM would never see it.
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGPIPE}) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    if (const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC); null >= 0) {
        ::dup2(null, STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
    }
    std::vector<char*> pointers;
    for (auto& argument : argv) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::array<char*, 2> environment{const_cast<char*>("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nullptr};
    ::execve(pointers[0], pointers.data(), environment.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(failed, &error, sizeof error);
    ::_exit(127);
}

// 0, or the errno of what failed.
int start_program(const std::vector<std::string>& argv) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return errno;
    const Fd read_end(pipe[0]);
    Fd write_end(pipe[1]);
    const pid_t child = ::fork();
    if (child < 0) return errno;
    if (child == 0) become(argv, write_end.get());
    write_end.reset();
    int error = 0;
    // Ends when exec has closed the pipe, or brings the errno of a failed one.
    if (::read(read_end.get(), &error, sizeof error) != static_cast<ssize_t>(sizeof error)) error = 0;
    return error;
}

[[noreturn]] void serve(int socket, const std::vector<std::string>& programs) {
    // Helpers that end are not waited for by anyone else.
    struct sigaction reap{};
    reap.sa_handler = SIG_IGN;
    reap.sa_flags = SA_NOCLDWAIT;
    ::sigaction(SIGCHLD, &reap, nullptr);
    // The daemon decides when to end; a terminal's Ctrl-C must not end this first.
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    std::array<char, request_limit> request{};
    while (true) {
        const ssize_t got = ::recv(socket, request.data(), request.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) ::_exit(0);  // the daemon has ended
        const auto argv = split_text(std::string_view(request.data(), static_cast<std::size_t>(got)), '\0');
        const int error =
            std::ranges::find(programs, argv[0]) == programs.end() ? EACCES : start_program(argv);
        if (::send(socket, &error, sizeof error, MSG_NOSIGNAL) < 0) ::_exit(1);
    }
}

}  // namespace

Result<Launcher> Launcher::fork(const std::vector<std::string>& programs) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return fail_errno("can't make the launcher's socket");
    Fd ours(pair[0]);
    Fd theirs(pair[1]);
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't fork the launcher");
    if (child == 0) {
        ours.reset();
        serve(theirs.get(), programs);
    }
    return Launcher(std::move(ours));
}

Result<> Launcher::start(const std::vector<std::string>& argv) const {
    if (argv.empty()) return fail(Code::invalid, "a command line without a program");
    std::string request;
    for (const auto& argument : argv) {
        if (argument.find('\0') != std::string::npos)
            return fail(Code::invalid, "an argument holds a NUL byte", argv[0]);
        if (&argument != &argv.front()) request += '\0';
        request += argument;
    }
    if (request.size() > request_limit) return fail(Code::invalid, "the command line is too long", argv[0]);
    int error = 0;
    if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0 ||
        ::recv(socket_.get(), &error, sizeof error, 0) != static_cast<ssize_t>(sizeof error))
        return fail(Code::unavailable, "the launcher has ended", argv[0], {}, "restart bulkheadd");
    if (error != 0) return fail_errno(error, "can't start the program", argv[0]);
    return {};
}

}  // namespace bulkhead::daemon
