#include "partition-manager/daemon/launcher.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t request_limit = 16 * 1024;
// Above all numbers that gifts get: what must survive until exec is moved here.
constexpr int safe_fd = 10;
using FdArray = std::array<int, Launcher::inherited_fds_limit>;

struct Request {
    std::vector<std::string> argv;
    uid_t user = 0;
    std::vector<Fd> fds;
};

// Groups and all three ids, for good: no capability is left, and no setuid program gives one back.
bool give_up_rights(uid_t user) {
    return ::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
           ::setresuid(user, user, user) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// In the grandchild: becomes the program. Reports a failure through `failed`, which exec closes.
[[noreturn]] void become(Request request, int failed) {
    const auto give_up = [&failed] {
        const int error = errno;
        [[maybe_unused]] const ssize_t written = ::write(failed, &error, sizeof error);
        ::_exit(127);
    };
    ::setsid();
    // Ignored signals are inherited across exec, and a program that waits for SIGTERM would never see it.
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGPIPE}) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    failed = ::fcntl(failed, F_DUPFD_CLOEXEC, safe_fd);
    for (auto& fd : request.fds) fd = Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, safe_fd));
    for (int number = Launcher::first_inherited_fd; const auto& fd : request.fds)
        if (::dup2(fd.get(), number++) < 0) give_up();
    if (const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC); null >= 0) {
        ::dup2(null, STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
    }
    // Whoever started us may have left descriptors open.
    const auto first_other = Launcher::first_inherited_fd + static_cast<int>(request.fds.size());
    ::close_range(static_cast<unsigned>(first_other), ~0U, CLOSE_RANGE_CLOEXEC);
    if (request.user != 0 && !give_up_rights(request.user)) give_up();
    std::vector<char*> pointers;
    for (auto& argument : request.argv) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::array<char*, 2> environment{const_cast<char*>("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nullptr};
    ::execve(pointers[0], pointers.data(), environment.data());
    give_up();
    std::abort();
}

// 0, or the errno of what failed.
int start_program(Request request) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return errno;
    const Fd read_end(pipe[0]);
    Fd write_end(pipe[1]);
    const pid_t child = ::fork();
    if (child < 0) return errno;
    if (child == 0) become(std::move(request), write_end.get());
    write_end.reset();
    int error = 0;
    // Ends when exec has closed the pipe, or brings the errno of a failed one.
    if (::read(read_end.get(), &error, sizeof error) != static_cast<ssize_t>(sizeof error)) error = 0;
    return error;
}

bool may_start(const std::vector<Program>& programs, const Request& request) {
    const auto program = std::ranges::find(programs, request.argv.front(), &Program::path);
    if (program == programs.end()) return false;
    if (!program->unprivileged) return request.user == 0;
    return request.user >= first_own_user && request.user <= first_own_user + own_users;
}

// One request: the user's number, the arguments, divided by NUL; and perhaps a descriptor.
// Nothing if the daemon has ended.
std::optional<Request> receive(int socket) {
    std::array<char, request_limit> text{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(FdArray))> control{};
    iovec data{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    Request request;
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        FdArray fds{};
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        std::memcpy(fds.data(), CMSG_DATA(header), count * sizeof(int));
        for (std::size_t i = 0; i < count; ++i) request.fds.emplace_back(fds[i]);
    }
    request.argv = split_text(std::string_view(text.data(), static_cast<std::size_t>(got)), '\0');
    const auto user = parse_number(request.argv.front(), 0, UINT32_MAX);
    request.argv.erase(request.argv.begin());
    if (!user || request.argv.empty()) return std::nullopt;
    request.user = static_cast<uid_t>(*user);
    return request;
}

[[noreturn]] void serve(int socket, const std::vector<Program>& programs) {
    // Helpers that end are not waited for by anyone else.
    struct sigaction reap{};
    reap.sa_handler = SIG_IGN;
    reap.sa_flags = SA_NOCLDWAIT;
    ::sigaction(SIGCHLD, &reap, nullptr);
    // The daemon decides when to end; a terminal's Ctrl-C must not end this first.
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    while (true) {
        auto request = receive(socket);
        if (!request) ::_exit(0);  // the daemon has ended
        const int error = may_start(programs, *request) ? start_program(std::move(*request)) : EACCES;
        if (::send(socket, &error, sizeof error, MSG_NOSIGNAL) < 0) ::_exit(1);
    }
}

bool send_request(int socket, std::string& text, const std::vector<int>& fds) {
    iovec data{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(FdArray))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
        const std::size_t size = fds.size() * sizeof(int);
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(size);
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), fds.data(), size);
    }
    return ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

}  // namespace

Result<Launcher> Launcher::fork(const std::vector<Program>& programs) {
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

Result<> Launcher::start(const std::vector<std::string>& argv, const Gift& gift) const {
    if (argv.empty()) return fail(Code::invalid, "a command line without a program");
    if (gift.fds.size() > inherited_fds_limit)
        return fail(Code::invalid, "too many descriptors to hand over", argv[0]);
    std::string request = std::to_string(gift.user);
    for (const auto& argument : argv) {
        if (argument.find('\0') != std::string::npos)
            return fail(Code::invalid, "an argument holds a NUL byte", argv[0]);
        request += '\0';
        request += argument;
    }
    if (request.size() > request_limit) return fail(Code::invalid, "the command line is too long", argv[0]);
    const std::scoped_lock turn(*turn_);
    int error = 0;
    const bool is_asked = send_request(socket_.get(), request, gift.fds);
    // The answer belongs to the turn. NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
    const ssize_t got = is_asked ? ::recv(socket_.get(), &error, sizeof error, 0) : -1;
    if (got != static_cast<ssize_t>(sizeof error))
        return fail(Code::unavailable, "the launcher has ended", argv[0], {}, "restart bulkheadd");
    if (error != 0) return fail_errno(error, "can't start the program", argv[0]);
    return {};
}

std::function<Result<>(std::vector<std::string> argv)> Launcher::starts(
    const std::filesystem::path& program) const {
    return [this, &program](std::vector<std::string> argv) {
        argv.at(0) = program.string();
        return start(argv);
    };
}

}  // namespace bulkhead::daemon
