#include "partition-manager/trust/swtpm.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>

#include "base/file.hpp"
#include "base/unix_socket.hpp"

namespace bulkhead::trust {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;
constexpr auto pause = 10ms;

// The key travels in a pipe: it is in no file and in no command line.
Result<Fd> pipe_with(std::string_view key) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("can't make a pipe");
    Fd read_end(ends[0]);
    const Fd write_end(ends[1]);
    if (::write(write_end.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()))
        return fail_errno("can't hand over the key of a TPM");
    return read_end;
}

std::vector<std::string> command(const Swtpm& tpm, std::vector<std::string> channel) {
    // Its own seccomp filter kills it; a user of its own keeps it from everybody else's files.
    std::vector<std::string> argv{tpm.program.string(),
                                  "socket",
                                  "--tpm2",
                                  "--tpmstate",
                                  "dir=" + tpm.state.string() + ",mode=0600",
                                  "--key",
                                  "fd=3,format=binary,mode=aes-256-cbc",
                                  "--seccomp",
                                  "action=kill",
                                  "--terminate"};
    argv.insert(argv.end(), std::make_move_iterator(channel.begin()), std::make_move_iterator(channel.end()));
    return argv;
}

}  // namespace

Result<Fd> Swtpm::serve(std::string_view key) const {
    BULKHEAD_TRY_ASSIGN(const Fd pipe, pipe_with(key));
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return fail_errno("can't make a socket");
    Fd ours(pair[0]);
    const Fd theirs(pair[1]);
    BULKHEAD_TRY(launch(command(*this, {"--fd", "4", "--flags", "not-need-init,startup-clear"}),
                        {pipe.get(), theirs.get()}, user));
    return ours;
}

Result<> Swtpm::listen(std::string_view key, const Fd& socket) const {
    BULKHEAD_TRY_ASSIGN(const Fd pipe, pipe_with(key));
    return launch(command(*this, {"--ctrl", "type=unixio,fd=4"}), {pipe.get(), socket.get()}, user);
}

Result<> Swtpm::wait_until_free() const {
    // The folder is swtpm's own user's: who took it over could put a link to any device there. Asking for a
    // lock needs no right to write.
    const auto path = state / ".lock";
    const auto fd = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fd && fd.error().code == Code::not_found) return {};
    if (!fd) return std::unexpected(fd.error());
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        struct flock lock{};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        if (::fcntl(fd->get(), F_GETLK, &lock) != 0) return fail_errno("can't look at the lock", path);
        if (lock.l_type == F_UNLCK) return {};
        if (std::chrono::steady_clock::now() > end)
            return fail(Code::timeout, "process " + std::to_string(lock.l_pid) + " still uses it",
                        state.string(), {}, "end that process: kill " + std::to_string(lock.l_pid));
        std::this_thread::sleep_for(pause);  // the end of a process that is not our child has no event here
    }
}

void shut_down_swtpm(const std::filesystem::path& socket) {
    const auto connected = connect_unix(socket);
    if (!connected) return;
    // CMD_SHUTDOWN of swtpm's control channel (tpm_ioctl.h): a big-endian number, answered by a result.
    constexpr std::string_view request("\x00\x00\x00\x03", 4);
    if (::send(connected->get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return;
    pollfd waiting{connected->get(), POLLIN, 0};
    ::poll(&waiting, 1, 1000);
}

}  // namespace bulkhead::trust
