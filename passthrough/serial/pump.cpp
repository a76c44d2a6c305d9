#include "passthrough/serial/pump.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "passthrough/serial/line_time.hpp"

namespace bulkhead::passthrough::serial {
namespace {

constexpr std::uint32_t gone = EPOLLHUP | EPOLLERR;
constexpr std::size_t read_past_guard = 512;  // bytes at once

}  // namespace

Pump::Pump(Loop& loop, const model::SerialLine& line, std::unique_ptr<LineGuard> guard, Events events)
    : loop_(loop),
      bytes_per_second_(line.bits_per_second / bits_per_character(line)),
      guard_(std::move(guard)),
      events_(std::move(events)) {
}

Pump::~Pump() {
    detach_device();
    detach_guest();
    loop_.cancel(swallow_timer_);
    loop_.cancel(silence_timer_);
}

void Pump::Buffer::append(std::span<const std::byte> more) {
    const std::size_t count = std::min(more.size(), room());
    std::memcpy(bytes.data() + size, more.data(), count);
    size += count;
}

Result<> Pump::attach_device(int fd) {
    forget_guest_bytes();
    BULKHEAD_TRY(loop_.watch(fd, 0, [this](std::uint32_t events) { on_device(events); }));
    device_ = {fd, 0};
    update_interest();
    return {};
}

Result<> Pump::attach_guest(int fd) {
    to_device_.clear();
    to_guest_.clear();
    if (guard_) guard_->forget();
    BULKHEAD_TRY(loop_.watch(fd, 0, [this](std::uint32_t events) { on_guest(events); }));
    guest_ = {fd, 0};
    update_interest();
    return {};
}

void Pump::set_receive_only(bool receive_only) {
    if (guard_) return guard_->set_receive_only(receive_only);
    mute_ = receive_only;
    if (mute_) to_device_.clear();
}

void Pump::detach_device() {
    if (device_.fd < 0) return;
    loop_.unwatch(device_.fd);
    device_ = {};
    to_device_.clear();
    update_interest();
}

void Pump::detach_guest() {
    if (guest_.fd < 0) return;
    loop_.unwatch(guest_.fd);
    guest_ = {};
    to_guest_.clear();
    update_interest();
}

void Pump::on_device(std::uint32_t events) {
    bool ended = (events & EPOLLOUT) != 0 && drain(device_, to_device_) == Outcome::ended;
    if (!ended && (events & (EPOLLIN | gone)) != 0)
        ended = fill(device_, to_guest_, guest_.fd >= 0) == Outcome::ended;
    // What the device said before it went is lost if nobody makes room for it.
    ended = ended || ((events & gone) != 0 && !has_room_for_line());
    if (ended) {
        events_.device_lost("the device went away");
        return;
    }
    if (guest_.fd >= 0 && drain(guest_, to_guest_) == Outcome::ended) events_.guest_left();
    update_interest();
}

void Pump::on_guest(std::uint32_t events) {
    bool ended = (events & EPOLLOUT) != 0 && drain(guest_, to_guest_) == Outcome::ended;
    if (!ended && (events & (EPOLLIN | gone)) != 0 && !swallowing_)
        ended = fill(guest_, to_device_, device_.fd >= 0 && !mute_) == Outcome::ended;
    ended = ended || ((events & gone) != 0 && (to_device_.full() || swallowing_));
    if (ended) {
        events_.guest_left();
        return;
    }
    if (device_.fd >= 0 && drain(device_, to_device_) == Outcome::ended) {
        events_.device_lost("the device took no more bytes");
        return;
    }
    update_interest();
}

Pump::Outcome Pump::fill(const End& from, Buffer& buffer, bool sink_there) {
    if (buffer.full()) return Outcome::fine;
    if (guard_ && sink_there && from.fd == guest_.fd) return fill_past_guard();
    if (guard_ && sink_there && !guard_->hears_all()) return hear_past_guard();
    const ssize_t got = ::read(from.fd, buffer.bytes.data() + buffer.size, buffer.bytes.size() - buffer.size);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Outcome::fine : Outcome::ended;
    if (got == 0) return Outcome::ended;
    if (sink_there) {
        buffer.size += static_cast<std::size_t>(got);
    } else if (from.fd == guest_.fd) {
        swallow_at_line_speed(static_cast<std::size_t>(got));
    }
    return Outcome::fine;
}

// A request goes on whole or not at all, so there must be room for what may come of what is read.
Pump::Outcome Pump::fill_past_guard() {
    if (!has_room_for_guest()) return Outcome::fine;
    std::array<std::byte, read_past_guard> bytes{};
    const ssize_t got = ::read(guest_.fd, bytes.data(), bytes.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Outcome::fine : Outcome::ended;
    if (got == 0) return Outcome::ended;
    pass(guard_->from_guest(std::span(bytes).first(static_cast<std::size_t>(got)),
                            std::chrono::steady_clock::now()));
    expect_silence();
    return Outcome::fine;
}

Pump::Outcome Pump::hear_past_guard() {
    if (to_guest_.room() < read_past_guard + LineGuard::most_held) return Outcome::fine;
    std::array<std::byte, read_past_guard> bytes{};
    const ssize_t got = ::read(device_.fd, bytes.data(), bytes.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Outcome::fine : Outcome::ended;
    if (got == 0) return Outcome::ended;
    to_guest_.append(guard_->from_line(std::span(bytes).first(static_cast<std::size_t>(got))));
    return Outcome::fine;
}

void Pump::pass(const LineGuard::Passed& passed) {
    to_device_.append(passed.to_line);
    to_guest_.append(passed.to_guest);
}

void Pump::expect_silence() {
    loop_.cancel(silence_timer_);
    if (!guard_->waits_for_silence()) return;
    silence_timer_ = loop_.after(guard_->silence(), [this] {
        if (!has_room_for_guest()) return expect_silence();
        pass(guard_->on_silence(std::chrono::steady_clock::now()));
        update_interest();
    });
}

bool Pump::has_room_for_line() const {
    if (guest_.fd < 0) return true;
    if (!guard_ || guard_->hears_all()) return !to_guest_.full();
    return to_guest_.room() >= read_past_guard + LineGuard::most_held;
}

bool Pump::has_room_for_guest() const {
    if (!guard_) return device_.fd < 0 || !to_device_.full();
    constexpr std::size_t most = read_past_guard + LineGuard::most_held;
    return device_.fd < 0 || (to_device_.room() >= most && to_guest_.room() >= 2 * most);
}

Pump::Outcome Pump::drain(const End& to, Buffer& buffer) {
    if (buffer.empty()) return Outcome::fine;
    const ssize_t put = ::write(to.fd, buffer.bytes.data(), buffer.size);
    if (put < 0) return errno == EAGAIN || errno == EINTR ? Outcome::fine : Outcome::ended;
    const auto count = static_cast<std::size_t>(put);
    buffer.size -= count;
    buffer.delivered += count;
    std::memmove(buffer.bytes.data(), buffer.bytes.data() + count, buffer.size);
    return Outcome::fine;
}

// What the guest sent while there was no device, and nobody has swallowed yet, is in its socket still.
void Pump::forget_guest_bytes() {
    to_device_.clear();
    if (guard_) guard_->forget();
    loop_.cancel(swallow_timer_);
    swallowing_ = false;
    // Bounded: a guest that sends faster than we read sends to the device from here on.
    constexpr int most_reads = 128;
    for (int i = 0; guest_.fd >= 0 && i < most_reads; ++i)
        if (::read(guest_.fd, to_device_.bytes.data(), to_device_.bytes.size()) <= 0) break;
}

void Pump::swallow_at_line_speed(std::size_t count) {
    swallowing_ = true;
    swallow_timer_ = loop_.after(std::chrono::milliseconds(count * 1000 / bytes_per_second_ + 1), [this] {
        swallowing_ = false;
        update_interest();
    });
}

void Pump::update_interest() {
    set_interest(device_, has_room_for_line(), !to_device_.empty());
    set_interest(guest_, !swallowing_ && has_room_for_guest(), !to_guest_.empty());
}

void Pump::set_interest(End& end, bool read, bool write) {
    if (end.fd < 0) return;
    const std::uint32_t wanted =
        (read ? std::uint32_t{EPOLLIN} : 0U) | (write ? std::uint32_t{EPOLLOUT} : 0U);
    if (wanted == end.interest) return;
    end.interest = wanted;
    // Changing what a watched fd is watched for fails only if it is not watched: a defect, seen by tests.
    [[maybe_unused]] const auto changed = loop_.rewatch(end.fd, wanted);
}

}  // namespace bulkhead::passthrough::serial
