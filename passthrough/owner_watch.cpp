#include "passthrough/owner_watch.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "base/unix_socket.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds shortest_pause = 100ms;
constexpr std::chrono::milliseconds longest_pause = 2s;

}  // namespace

OwnerWatch::OwnerWatch(Loop& loop, std::filesystem::path control, Changed changed)
    : loop_(loop), control_(std::move(control)), changed_(std::move(changed)), pause_(shortest_pause) {
    timer_ = loop_.after(0ms, [this] { attempt(); });
}

OwnerWatch::~OwnerWatch() {
    loop_.cancel(timer_);
    if (socket_) loop_.unwatch(socket_.get());
}

void OwnerWatch::attempt() {
    if (!connect()) lost();
}

bool OwnerWatch::connect() {
    auto socket = connect_unix(control_);
    if (!socket) return false;
    const auto peer = peer_of(socket->get());
    if (!peer || (peer->uid != 0 && peer->uid != ::geteuid())) return false;
    if (!loop_.watch(socket->get(), EPOLLIN, [this](std::uint32_t) { on_bytes(); })) return false;
    socket_ = std::move(*socket);
    reader_ = {};
    return true;
}

void OwnerWatch::on_bytes() {
    std::array<std::byte, 4096> chunk{};
    const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        lost();
        return;
    }
    reader_.feed(std::span(chunk).first(static_cast<std::size_t>(got)));
    std::optional<OwnerState> latest;
    while (const auto frame = reader_.next()) {
        auto state = decode_owner_state(frame->payload);
        if (!state) {
            lost();
            return;
        }
        latest = std::move(*state);
    }
    if (!latest) return;
    pause_ = shortest_pause;
    told_absent_ = false;
    changed_(latest);
}

void OwnerWatch::ask(Gate gate) {
    if (!socket_) return;
    const auto frame = encode_frame(0, encode_gate_request(gate));
    // A request is smaller than any socket's buffer: what does not take it is lost, as its reader will see.
    [[maybe_unused]] const auto sent = ::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
}

void OwnerWatch::lost() {
    if (socket_) loop_.unwatch(socket_.get());
    socket_.reset();
    timer_ = loop_.after(pause_, [this] { attempt(); });
    pause_ = std::min(pause_ * 2, longest_pause);
    if (!std::exchange(told_absent_, true)) changed_(std::nullopt);
}

}  // namespace bulkhead::passthrough
