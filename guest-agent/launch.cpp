#include "guest-agent/launch.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::agent {
namespace {

struct Pipe {
    Fd read;
    Fd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("can't make a pipe");
    Pipe made{Fd(ends[0]), Fd(ends[1])};
    // Only our end: an application does not expect EAGAIN from its stdout.
    if (::fcntl(made.read.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("can't make a pipe");
    return made;
}

// The filter's listener travels from child to parent; any other message is why the start failed.
void send_listener(int socket, int listener) {
    char mark = 'L';
    iovec data{&mark, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &listener, sizeof listener);
    ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

struct Told {
    Fd listener;
    std::string error;
    bool ended = false;
};

Told receive_from_child(int socket) {
    std::array<char, 512> text{};
    iovec data{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    Told told;
    if (count <= 0) {
        told.ended = true;
    } else if (cmsghdr* const header = CMSG_FIRSTHDR(&message); header != nullptr) {
        int listener = -1;
        std::memcpy(&listener, CMSG_DATA(header), sizeof listener);
        told.listener = Fd(listener);
    } else {
        told.error.assign(text.data(), static_cast<std::size_t>(count));
    }
    return told;
}

void limit(__rlimit_resource what, rlim_t value) {
    const rlimit bound{value, value};
    ::setrlimit(what, &bound);
}

void set_limits() {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 1024);
    limit(RLIMIT_NPROC, 256);
    // When the partition runs out of memory, the application goes before the agent.
    if (const Fd fd(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)); fd) [[maybe_unused]]
        const ssize_t written = ::write(fd.get(), "500", 3);
}

Result<> become(const User& user) {
    if (::setgroups(user.groups.size(), user.groups.data()) != 0) return fail_errno("can't set groups");
    if (::setresgid(user.gid, user.gid, user.gid) != 0) return fail_errno("can't set the group");
    if (::setresuid(user.uid, user.uid, user.uid) != 0) return fail_errno("can't set the user");
    return {};
}

void reset_signals() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

// In the child. Returns only if it failed.
Error run(const Command& command, const policies::Profile& profile, int output, int errors, int socket) {
    const auto failed = [](const char* what) { return fail_errno(what).error(); };
    ::setsid();
    reset_signals();
    set_limits();
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (::dup2(null.get(), STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(errors, STDERR_FILENO) < 0)
        return failed("can't connect its output");
    if (::chdir(command.folder.c_str()) != 0) return failed("can't enter its folder");
    // Before the change of user, which takes away the right to.
    if (const auto shrunk = policies::shrink_bounding_set({}); !shrunk) return shrunk.error();
    if (command.user)
        if (const auto became = become(*command.user); !became) return became.error();
    if (const auto dropped = policies::drop_capabilities({}); !dropped) return dropped.error();
    if (const auto forbidden = policies::forbid_new_privileges(); !forbidden) return forbidden.error();
    // After the change of user, which would clear it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);

    std::vector<char*> environment;
    for (const auto& entry : command.environment) environment.push_back(const_cast<char*>(entry.c_str()));
    environment.push_back(nullptr);
    std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
    for (const auto& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    auto listener = policies::enter_supervised(profile);
    if (!listener) return listener.error();
    send_listener(socket, listener->get());
    ::execve(command.program.c_str(), arguments.data(), environment.data());
    return fail_errno("can't start it", command.program.string()).error();
}

}  // namespace

Result<User> find_user(std::string_view name) {
    User user;
    BULKHEAD_TRY_ASSIGN(const std::string passwd, read_file("/etc/passwd", 64 * 1024));
    bool found = false;
    for (const auto& line : split_text(passwd, '\n')) {
        const auto field = split_text(line, ':');
        if (field.size() < 4 || field[0] != name) continue;
        const auto uid = parse_number(field[2], 1, 65533);
        const auto gid = parse_number(field[3], 1, 65533);
        if (!uid || !gid) continue;
        user.uid = static_cast<uid_t>(*uid);
        user.gid = static_cast<gid_t>(*gid);
        found = true;
    }
    if (!found)
        return fail(Code::not_found, "no user '" + std::string(name) + "' in this image", "/etc/passwd");
    BULKHEAD_TRY_ASSIGN(const std::string groups, read_file("/etc/group", 64 * 1024));
    for (const auto& line : split_text(groups, '\n')) {
        const auto field = split_text(line, ':');
        if (field.size() < 4) continue;
        const auto members = split_text(field[3], ',');
        const auto gid = parse_number(field[2], 1, 65533);
        if (gid && std::ranges::find(members, name) != members.end())
            user.groups.push_back(static_cast<gid_t>(*gid));
    }
    return user;
}

Result<Launched> launch(const Command& command, const policies::Profile& profile) {
    BULKHEAD_TRY_ASSIGN(Pipe output, make_pipe());
    BULKHEAD_TRY_ASSIGN(Pipe errors, make_pipe());
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail_errno("can't make a socket");
    Fd ours(ends[0]);
    Fd theirs(ends[1]);

    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't make a process");
    if (child == 0) {
        const Error error = run(command, profile, output.write.get(), errors.write.get(), theirs.get());
        const std::string text = error.text().substr(0, 500);
        ::send(theirs.get(), text.data(), text.size(), MSG_NOSIGNAL);
        ::_exit(127);
    }
    theirs.reset();
    Launched launched{child, std::move(output.read), std::move(errors.read), Fd{}};
    std::string error;
    for (Told told = receive_from_child(ours.get()); !told.ended; told = receive_from_child(ours.get())) {
        if (told.listener) launched.violations = std::move(told.listener);
        error += told.error;
    }
    if (error.empty() && launched.violations) return launched;
    ::waitpid(child, nullptr, 0);
    return fail(Code::unavailable, error.empty() ? "it ended before it was started" : error);
}

}  // namespace bulkhead::agent
