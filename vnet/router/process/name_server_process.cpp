#include "vnet/router/process/name_server_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/file.hpp"
#include "base/log.hpp"

namespace bulkhead::vnet::router {
namespace {

constexpr std::chrono::seconds pause(1);
constexpr int patience_ms = 3000;
constexpr const char* program = "/usr/sbin/dnsmasq";

// Debian's nobody and nogroup.
constexpr uid_t nobody = 65534;
constexpr std::array name_server_capabilities{CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};

// Nobody from the start, with the rights of a server of addresses and names alone (capabilities(7), ambient
// set).
bool become_nobody() {
    if (::prctl(PR_SET_KEEPCAPS, 1) != 0 || ::setgroups(0, nullptr) != 0 ||
        ::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0)
        return false;
    std::uint32_t mask = 0;
    for (const int capability : name_server_capabilities) mask |= 1U << static_cast<unsigned>(capability);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    data[0] = {mask, mask, mask};
    if (::syscall(SYS_capset, &header, data.data()) != 0) return false;
    for (const int capability : name_server_capabilities)
        if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return false;
    return true;
}

// In the child. It ends with us, so that nothing keeps the namespace when we were killed; the kernel forgets
// that when a process changes its user, so it is said afterwards, and dnsmasq has no user left to change to.
[[noreturn]] void become(std::string settings, pid_t parent) {
    if (!become_nobody()) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::string name = program;
    std::array<char*, 3> words{name.data(), settings.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    ::execve(program, words.data(), environment.data());
    ::_exit(127);
}

}  // namespace

NameServer::~NameServer() {
    loop_.cancel(again_);
    end();
}

Result<> NameServer::serve(const std::string& settings) {
    if (settings == text_ && (pid_ != 0 || settings.empty())) return {};
    loop_.cancel(again_);
    end();
    text_ = settings;
    error_.clear();
    return settings.empty() ? Result<>() : start();
}

Result<> NameServer::start() {
    BULKHEAD_TRY(write_file_atomically(settings_, text_));
    // Its own to write, where the folder is not. Made anew each time: without CAP_DAC_OVERRIDE the last one
    // is closed to us, and a lease is what the spec says, whoever remembers it.
    BULKHEAD_TRY(remove_file(leases_));
    BULKHEAD_TRY_ASSIGN(const Fd leases, open_file(leases_, O_RDWR | O_CREAT | O_EXCL, 0600));
    if (::fchown(leases.get(), nobody, nobody) != 0)
        return fail_errno("can't give dnsmasq its leases", leases_.string());
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't fork for dnsmasq");
    if (child == 0) become("--conf-file=" + settings_.string(), parent);
    pid_ = child;
    process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    if (!process_) return fail_errno("can't watch dnsmasq");
    return loop_.watch(process_.get(), EPOLLIN, [this](std::uint32_t) { on_end(); });
}

void NameServer::end() {
    if (pid_ == 0) return;
    if (process_) loop_.unwatch(process_.get());
    ::kill(pid_, SIGTERM);
    pollfd ended{process_.get(), POLLIN, 0};
    if (::poll(&ended, 1, patience_ms) <= 0) ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    pid_ = 0;
    process_.reset();
}

void NameServer::on_end() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    loop_.unwatch(process_.get());
    process_.reset();
    pid_ = 0;
    error_ = WIFEXITED(status) && WEXITSTATUS(status) == 127
                 ? std::string("there is no ") + program + " (apt install dnsmasq-base)"
                 : "dnsmasq ended; its log says why";
    log::warning(error_, {{"status", std::to_string(status)}});
    changed_();
    again_ = loop_.after(pause, [this] {
        error_.clear();
        if (const auto started = start(); !started) error_ = started.error().text();
        changed_();
    });
}

}  // namespace bulkhead::vnet::router
