#include "base/helper_control.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/log.hpp"

namespace bulkhead {
namespace {

constexpr std::size_t most_clients = 16;

}  // namespace

HelperControl::~HelperControl() {
    for (const auto& [fd, client] : clients_) loop_.unwatch(fd);
}

Result<> HelperControl::open(const std::filesystem::path& path) {
    return listener_.open(path, std::nullopt, std::chrono::milliseconds(1),
                          [this](Fd fd) { on_client(std::move(fd)); });
}

void HelperControl::publish() {
    std::vector<int> fds;
    for (const auto& [fd, client] : clients_) fds.push_back(fd);
    for (const int fd : fds)
        if (!send_state(fd)) drop(fd);
}

void HelperControl::on_client(Fd client) {
    if (clients_.size() >= most_clients) {
        log::warning("refused a connection: too many on the control socket");
        return;
    }
    const int fd = client.get();
    if (!loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { on_bytes(fd); })) return;
    clients_.emplace(fd, Client{std::move(client), {}});
    if (!send_state(fd)) drop(fd);
}

void HelperControl::on_bytes(int fd) {
    std::array<std::byte, 1024> chunk{};
    const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
    if (got <= 0) {
        drop(fd);
        return;
    }
    FrameReader& reader = clients_.at(fd).reader;
    reader.feed(std::span(chunk).first(static_cast<std::size_t>(got)));
    while (const auto frame = reader.next()) events_.request(frame->payload);
}

// A client that does not read its few hundred bytes is not worth a buffer.
bool HelperControl::send_state(int fd) {
    const std::string frame = encode_frame(0, events_.state());
    return ::send(fd, frame.data(), frame.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(frame.size());
}

void HelperControl::drop(int fd) {
    loop_.unwatch(fd);
    clients_.erase(fd);
}

}  // namespace bulkhead
