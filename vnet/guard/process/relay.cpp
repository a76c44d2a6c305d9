#include "vnet/guard/process/relay.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "vnet/guard/process/socket.hpp"

namespace bulkhead::vnet::guard {
namespace {

using Clock = std::chrono::steady_clock;

enum class Heard { some, nothing, gone };

// At most one message is read, into the one place that it has.
Heard hear(int socket, std::span<std::byte> room, std::size_t& count, int flags = 0) {
    const ssize_t got = ::recv(socket, room.data(), room.size(), flags);
    if (got > 0) {
        count = static_cast<std::size_t>(got);
        return Heard::some;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Heard::nothing : Heard::gone;
}

bool is_gone(std::uint32_t events) {
    return (events & (EPOLLERR | EPOLLHUP)) != 0;
}

}  // namespace

Relay::Relay(Loop& loop, Fd client, Fd server, bulkhead::modbus::Guard& guard, std::function<void()> over)
    : loop_(loop),
      client_(std::move(client)),
      server_(std::move(server)),
      talk_(guard, Clock::now()),
      over_(std::move(over)) {
}

Relay::~Relay() {
    loop_.cancel(timer_);
    if (ended_) return;
    loop_.unwatch(client_.get());
    loop_.unwatch(server_.get());
    reset_at_close(client_.get());
    reset_at_close(server_.get());
}

// The client is not read before its server answers: a server that is not there is soon the client's to know.
Result<> Relay::begin() {
    BULKHEAD_TRY(loop_.watch(client_.get(), 0, [this](std::uint32_t events) { on_client(events); }));
    BULKHEAD_TRY(loop_.watch(server_.get(), EPOLLOUT, [this](std::uint32_t events) { on_server(events); }));
    wait_until(Clock::now() + bulkhead::modbus::Conversation::time_to_say);
    return {};
}

void Relay::on_client(std::uint32_t events) {
    if (is_gone(events))
        end(false);
    else
        go_on();
}

// One that is gone is told of at every turn: it is not asked again until the client has its answer.
void Relay::on_server(std::uint32_t events) {
    if (!connected_ && !has_connected()) return;
    if (is_gone(events) && !talk_.for_client().empty()) {
        loop_.unwatch(server_.get());
        server_left_ = true;
    }
    go_on();
}

bool Relay::has_connected() {
    connected_ = error_of(server_.get()) == 0;
    if (!connected_) end(false);
    return connected_;
}

void Relay::go_on() {
    if (ended_ || !connected_) return;
    const Moment now = Clock::now();
    while (!ended_ && move(now)) {
    }
    if (!ended_) wait_for_more();
}

// Whether something happened, so that more may.
bool Relay::move(Moment now) {
    const bool moved = send_on(now) || hear_client(now) || hear_server(now);
    if (!ended_ && talk_.is_over()) end(false);
    return moved;
}

bool Relay::send_on(Moment now) {
    const auto to_client = talk_.for_client();
    const auto to_server = talk_.for_server();
    if (to_client.empty() && to_server.empty()) return false;
    const bool answers = !to_client.empty();
    const auto what = answers ? to_client : to_server;
    const ssize_t sent =
        ::send(answers ? client_.get() : server_.get(), what.data(), what.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (sent < 0) {
        end(false);
        return false;
    }
    const auto count = static_cast<std::size_t>(sent);
    answers ? talk_.client_took(count, now) : talk_.server_took(count, now);
    return true;
}

bool Relay::hear_client(Moment now) {
    if (ended_ || talk_.room_for_client().empty()) return false;
    std::size_t count = 0;
    const Heard heard = hear(client_.get(), talk_.room_for_client(), count);
    if (heard == Heard::gone) end(true);
    if (heard == Heard::some) talk_.client_said(count, now);
    return heard == Heard::some;
}

// A server may end after its answer; the answer still goes to the client.
bool Relay::hear_server(Moment now) {
    if (ended_ || !talk_.for_client().empty()) return false;
    const auto room = talk_.room_for_server();
    std::byte peek{};
    std::size_t count = 0;
    const bool asked = !room.empty();
    const Heard heard = hear(server_.get(), asked ? room : std::span(&peek, 1), count, asked ? 0 : MSG_PEEK);
    if (heard == Heard::gone) end(true);
    if (heard == Heard::some) asked ? talk_.server_said(count, now) : talk_.server_spoke_unasked();
    return heard == Heard::some;
}

void Relay::wait_for_more() {
    const bool answers = !talk_.for_client().empty();
    const std::uint32_t of_client =
        (talk_.room_for_client().empty() ? 0U : EPOLLIN) | (answers ? EPOLLOUT : 0U);
    const std::uint32_t of_server = (answers ? 0U : EPOLLIN) | (talk_.for_server().empty() ? 0U : EPOLLOUT);
    if (!loop_.rewatch(client_.get(), of_client) ||
        (!server_left_ && !loop_.rewatch(server_.get(), of_server))) {
        end(false);
        return;
    }
    wait_until(talk_.deadline());
}

// One timer that is late rather than moved with every message: it looks again when it comes.
void Relay::wait_until(Moment deadline) {
    if (armed_ && *armed_ <= deadline) return;
    loop_.cancel(timer_);
    armed_ = deadline;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    timer_ = loop_.after(std::max(left, std::chrono::milliseconds(0)), [this] { on_time(); });
}

void Relay::on_time() {
    armed_.reset();
    if (!connected_) {
        end(false);
        return;
    }
    if (Clock::now() < talk_.deadline()) {
        wait_until(talk_.deadline());
        return;
    }
    talk_.past();
    end(false);
}

void Relay::end(bool well) {
    if (ended_) return;
    ended_ = true;
    loop_.cancel(timer_);
    loop_.unwatch(client_.get());
    loop_.unwatch(server_.get());
    if (!well) {
        reset_at_close(client_.get());
        reset_at_close(server_.get());
    }
    client_.reset();
    server_.reset();
    over_();
}

}  // namespace bulkhead::vnet::guard
