#include "passthrough/line/arbiter.hpp"

#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "passthrough/line/why.hpp"
#include "passthrough/serial/line_time.hpp"

namespace bulkhead::passthrough::line {
namespace {

constexpr std::uint32_t gone = EPOLLHUP | EPOLLERR;
constexpr std::size_t at_once = 512;  // bytes

bool would_block() {
    return errno == EAGAIN || errno == EINTR;
}

}  // namespace

Result<std::unique_ptr<Arbiter>> Arbiter::open(Loop& loop, const Options& options) {
    std::unique_ptr<Arbiter> arbiter(new Arbiter(loop, options));
    BULKHEAD_TRY(arbiter->start());
    return arbiter;
}

Arbiter::Arbiter(Loop& loop, Options options)
    : loop_(loop),
      options_(std::move(options)),
      turns_(options_.line, {[this](auto request) { send(request); },
                             [this](Client client, auto bytes) { answer(client, bytes); },
                             [this] {
                                 // What the line still holds would be an answer to the next one.
                                 to_send_.clear();
                                 if (line_fd_ >= 0) ::tcflush(line_fd_, TCIOFLUSH);
                             }}),
      tty_(
          loop, options_.at, options_.line,
          {[this](int fd) { on_tty_opened(fd); }, [this] { on_tty_closing(); }, [this] { on_tty_failed(); }}),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}) {
}

Arbiter::~Arbiter() {
    loop_.cancel(timer_);
    for (auto& [device, seat] : seats_) take_terminal(seat);
    if (line_fd_ >= 0) loop_.unwatch(line_fd_);
}

Result<> Arbiter::start() {
    BULKHEAD_TRY(make_folder(options_.terminals, 0700));
    // Links of one that was killed lead to terminals that others may have by now.
    for (const auto& entry : std::filesystem::directory_iterator(options_.terminals))
        BULKHEAD_TRY(remove_file(entry.path()));
    tell_why(options_.at + ": not open yet");
    BULKHEAD_TRY(tty_.start());
    // Last: who sees the control socket may rely on all the rest.
    return control_.open(options_.control);
}

void Arbiter::on_request(std::string_view payload) {
    const auto request = decode_line_request(payload);
    if (request.join) join(*request.join);
    if (request.leave) leave(*request.leave);
    if (!request.stop) return;
    log::info("asked to stop");
    loop_.stop();
}

void Arbiter::join(const model::DeviceName& device) {
    if (!seats_.contains(device) && seats_.size() < most_at_a_line) {
        auto& seat = seats_[device];
        seat.client = next_client_++;
        turns_.join(seat.client);
        if (line_fd_ >= 0) give_terminal(device, seat);
        log::info("has turns", {{"device", device.str()}});
    }
    loop_.post([this] { control_.publish(); });  // not from within its own call
}

void Arbiter::leave(const model::DeviceName& device) {
    if (const auto seat = seats_.find(device); seat != seats_.end()) {
        take_terminal(seat->second);
        turns_.leave(seat->second.client);
        seats_.erase(seat);
        log::info("has no turns any more", {{"device", device.str()}});
        wait_for_next();
    }
    loop_.post([this] { control_.publish(); });
}

void Arbiter::on_tty_opened(int fd) {
    log::info("the line is open", {{"at", options_.at}});
    if (const auto watched = loop_.watch(fd, EPOLLIN, [this](std::uint32_t events) { on_line(events); });
        !watched)
        return loop_.post([this, text = watched.error().text()] { lose_line(text); });
    line_fd_ = fd;
    forget_why();
    for (auto& [device, seat] : seats_) give_terminal(device, seat);
    control_.publish();
}

void Arbiter::on_tty_closing() {
    if (line_fd_ >= 0) loop_.unwatch(line_fd_);
    line_fd_ = -1;
    to_send_.clear();
    turns_.forget_all();
    wait_for_next();
}

// The reason is there before the terminals go, for those who look for it then.
void Arbiter::on_tty_failed() {
    log::warning("the line is not open", {{"error", tty_.error()}});
    tell_why(tty_.error());
    for (auto& [device, seat] : seats_) take_terminal(seat);
    control_.publish();
}

void Arbiter::lose_line(const std::string& reason) {
    tty_.lost(reason);
}

void Arbiter::on_line(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) go_on_sending();
    if ((events & (EPOLLIN | gone)) == 0 || line_fd_ < 0) return;
    std::array<std::byte, at_once> bytes{};
    const ssize_t got = ::read(line_fd_, bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && !would_block())) return lose_line("the device went away");
    if (got > 0) turns_.from_line(std::span(bytes).first(static_cast<std::size_t>(got)), Clock::now());
    tick();
}

void Arbiter::send(std::span<const std::byte> request) {
    to_send_.assign(request.begin(), request.end());
    go_on_sending();
}

void Arbiter::go_on_sending() {
    if (line_fd_ < 0) return;
    if (!to_send_.empty()) {
        const ssize_t put = ::write(line_fd_, to_send_.data(), to_send_.size());
        if (put < 0 && !would_block())
            return loop_.post([this] { lose_line("the device took no more bytes"); });
        to_send_.erase(to_send_.begin(), to_send_.begin() + std::max<ssize_t>(put, 0));
    }
    // It is watched: that can't fail.
    [[maybe_unused]] const auto changed =
        loop_.rewatch(line_fd_, to_send_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Arbiter::give_terminal(const model::DeviceName& device, Seat& seat) {
    auto terminal = Terminal::open(options_.terminals / device.str());
    if (terminal) {
        const auto watched = loop_.watch(
            terminal->fd(), EPOLLIN, [this, device](std::uint32_t events) { on_terminal(device, events); });
        if (watched) seat.terminal = std::make_unique<Terminal>(std::move(*terminal));
    }
    if (!seat.terminal) log::error("no terminal for a device", {{"device", device.str()}});
}

void Arbiter::take_terminal(Seat& seat) {
    loop_.cancel(seat.deaf);
    if (seat.terminal) loop_.unwatch(seat.terminal->fd());
    seat.terminal.reset();
    turns_.forget(seat.client);
}

void Arbiter::on_terminal(const model::DeviceName& device, std::uint32_t events) {
    auto& seat = seats_.at(device);
    std::array<std::byte, at_once> bytes{};
    const ssize_t got = ::read(seat.terminal->fd(), bytes.data(), bytes.size());
    if (got > 0) {
        turns_.from_client(seat.client, std::span(bytes).first(static_cast<std::size_t>(got)), Clock::now());
        pace(device, seat, static_cast<std::size_t>(got));
    } else if (got == 0 || !would_block() || (events & gone) != 0) {
        // Its owner has closed it: the next one gets another, in which nothing of this one is left.
        take_terminal(seat);
        give_terminal(device, seat);
    }
    tick();
}

// Whoever says more than the line could carry is not heard for as long as the line would need: so that it
// takes no more of our time than that.
void Arbiter::pace(const model::DeviceName& device, Seat& seat, std::size_t count) {
    const auto now = Clock::now();
    const auto may_be_ahead = serial::time_of(modbus::longest_frame, options_.line);
    seat.spoken_until = std::max(seat.spoken_until, now) + serial::time_of(count, options_.line);
    const auto ahead = seat.spoken_until - now - may_be_ahead;
    if (ahead <= ahead.zero()) return;
    [[maybe_unused]] const auto changed = loop_.rewatch(seat.terminal->fd(), 0);
    seat.deaf = loop_.after(std::chrono::ceil<std::chrono::milliseconds>(ahead), [this, device] {
        if (const auto found = seats_.find(device); found != seats_.end() && found->second.terminal)
            [[maybe_unused]]
            const auto again = loop_.rewatch(found->second.terminal->fd(), EPOLLIN);
    });
}

// A guest that does not read what it asked for hears no more of it.
void Arbiter::answer(Client client, std::span<const std::byte> bytes) {
    for (const auto& [device, seat] : seats_)
        if (seat.client == client && seat.terminal) [[maybe_unused]]
            const ssize_t put = ::write(seat.terminal->fd(), bytes.data(), bytes.size());
}

void Arbiter::tick() {
    if (line_fd_ >= 0) turns_.tick(Clock::now());
    wait_for_next();
}

void Arbiter::wait_for_next() {
    loop_.cancel(timer_);
    const auto next = turns_.next();
    if (!next) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
    timer_ = loop_.after(std::max(left, std::chrono::milliseconds(0)), [this] { tick(); });
}

void Arbiter::tell_why(const std::string& why) const {
    const auto text = why.substr(0, longest_why);
    if (const auto told = write_file_atomically(why_there_is_none(options_.terminals), text, 0600); !told)
        log::error(told.error().text());
}

void Arbiter::forget_why() const {
    if (const auto removed = remove_file(why_there_is_none(options_.terminals)); !removed)
        log::error(removed.error().text());
}

LineState Arbiter::state() const {
    LineState now{.at = options_.at,
                  .line = options_.line,
                  .present = tty_.present(),
                  .error = tty_.error(),
                  .pid = ::getpid(),
                  .stray_bytes = turns_.stray_bytes()};
    for (const auto& [device, seat] : seats_) now.turns.emplace(device, turns_.counts(seat.client));
    return now;
}

}  // namespace bulkhead::passthrough::line
