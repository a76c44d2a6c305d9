#include "tests/passthrough/line.hpp"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "base/unix_socket.hpp"

namespace bulkhead::testing_support {
namespace {

constexpr int five_seconds = 5000;

bool ready(int fd, short events) {
    pollfd entry{fd, events, 0};
    return ::poll(&entry, 1, five_seconds) > 0;
}

}  // namespace

Line::Line() {
    std::signal(SIGPIPE, SIG_IGN);
    std::string pattern = "/tmp/passthrough-line-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder / "dev");
}

Line::~Line() {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
}

std::unique_ptr<Child> Line::start_owner(std::uint64_t token, const std::string& line,
                                         const std::vector<std::string>& more) const {
    std::vector<std::string> command{program("BULKHEAD_SERIAL"),
                                     "--device",
                                     "rs485-1",
                                     "--partition",
                                     "robot-cell",
                                     "--token",
                                     std::to_string(token),
                                     "--at",
                                     device(),
                                     "--line",
                                     line,
                                     "--socket",
                                     socket(),
                                     "--control",
                                     control()};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<Child>(command);
}

Fd connect_guest(const std::filesystem::path& socket) {
    auto fd = connect_unix(socket);
    return fd ? std::move(*fd) : Fd();
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
        if (put < 0 && (errno != EAGAIN || !ready(fd, POLLOUT))) return;
    }
}

std::string receive(int fd, std::size_t count) {
    std::string received;
    std::array<char, 65536> bytes{};
    while (received.size() < count && ready(fd, POLLIN)) {
        const ssize_t got = ::read(fd, bytes.data(), std::min(bytes.size(), count - received.size()));
        if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        if (got > 0) received.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return received;
}

bool hangs_up(int fd) {
    std::array<char, 4096> bytes{};
    while (ready(fd, POLLIN)) {
        const ssize_t got = ::read(fd, bytes.data(), bytes.size());
        if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
    }
    return false;
}

long anonymous_kib(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;)
        if (word == "RssAnon:") {
            long kib = 0;
            status >> kib;
            return kib;
        }
    return -1;
}

}  // namespace bulkhead::testing_support
