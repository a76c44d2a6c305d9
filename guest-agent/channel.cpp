#include "guest-agent/channel.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "base/file.hpp"

namespace bulkhead::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto host_away = 250ms;
constexpr std::size_t queue_limit = 64 * 1024;
constexpr std::size_t read_size = 4096;

}  // namespace

Channel::Channel(Loop& loop, std::filesystem::path port, Receive receive)
    : loop_(loop), path_(std::move(port)), receive_(std::move(receive)) {
    open();
}

Channel::~Channel() {
    close();
    loop_.cancel(timer_);
}

void Channel::open() {
    if (!port_) {
        auto opened = open_file(path_, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (!opened) return retry();
        port_ = std::move(*opened);
    }
    writing_ = !idle() && session_ != 0;
    const std::uint32_t events = EPOLLIN | (writing_ ? EPOLLOUT : 0U);
    watched_ = loop_.watch(port_.get(), events, [this](std::uint32_t ready) { on_ready(ready); }).has_value();
    if (!watched_) retry();
}

void Channel::retry() {
    if (watched_) loop_.unwatch(port_.get());
    watched_ = false;
    loop_.cancel(timer_);
    timer_ = loop_.after(host_away, [this] { open(); });
}

void Channel::close() {
    if (watched_) loop_.unwatch(port_.get());
    watched_ = false;
    port_.reset();
}

void Channel::on_ready(std::uint32_t events) {
    const bool more = (events & EPOLLIN) != 0 && read_some();
    if (watched_ && (events & EPOLLOUT) != 0) write_some();
    // A hang-up with nothing to read: the host is away.
    if (watched_ && (events & (EPOLLHUP | EPOLLERR)) != 0 && !more) retry();
}

// One chunk per round of the loop. False if there was nothing.
bool Channel::read_some() {
    std::array<std::byte, read_size> chunk{};
    const ssize_t count = ::read(port_.get(), chunk.data(), chunk.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (count <= 0) {
        if (count < 0) close();
        retry();
        return false;
    }
    reader_.feed(std::span(chunk).first(static_cast<std::size_t>(count)));
    while (const auto frame = reader_.next()) {
        v1::FromHost message;
        if (message.ParseFromString(frame->payload)) receive_(frame->session, message);
    }
    return true;
}

void Channel::set_session(std::uint32_t session) {
    session_ = session;
}

void Channel::want(bool write) {
    if (writing_ == write || !watched_) return;
    writing_ = write;
    if (!loop_.rewatch(port_.get(), EPOLLIN | (write ? EPOLLOUT : 0U))) retry();
}

void Channel::write_some() {
    while (session_ != 0 && !idle()) {
        if (sending_.empty()) {
            sending_ = encode_frame(session_, queue_.front().SerializeAsString());
            queued_bytes_ -= queue_.front().ByteSizeLong();
            queue_.pop_front();
        }
        const ssize_t count = ::write(port_.get(), sending_.data(), sending_.size());
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            close();
            return retry();
        }
        if (count <= 0) return want(true);
        sending_.erase(0, static_cast<std::size_t>(count));
    }
    want(false);
}

void Channel::make_room(std::size_t size) {
    while (queued_bytes_ + size > queue_limit && !queue_.empty()) {
        auto victim = std::ranges::find_if(queue_, &v1::FromAgent::has_output);
        if (victim == queue_.end()) victim = queue_.begin();
        if (victim->has_output()) dropped_ += 1 + victim->output().dropped();
        queued_bytes_ -= victim->ByteSizeLong();
        queue_.erase(victim);
    }
}

void Channel::send(v1::FromAgent message) {
    if (message.has_heartbeat())
        std::erase_if(queue_, [this](const v1::FromAgent& queued) {
            if (queued.has_heartbeat()) queued_bytes_ -= queued.ByteSizeLong();
            return queued.has_heartbeat();
        });
    const std::size_t size = message.ByteSizeLong();
    make_room(size);
    queued_bytes_ += size;
    // The answer to a new session goes before what has waited for it.
    if (message.has_hello())
        queue_.push_front(std::move(message));
    else
        queue_.push_back(std::move(message));
    if (watched_) want(session_ != 0);
}

std::uint32_t Channel::take_dropped() {
    return std::exchange(dropped_, 0);
}

}  // namespace bulkhead::agent
