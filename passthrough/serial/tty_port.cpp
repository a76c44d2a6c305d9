#include "passthrough/serial/tty_port.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "passthrough/serial/tty.hpp"

namespace bulkhead::passthrough::serial {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds shortest_pause = 200ms;
constexpr std::chrono::milliseconds longest_pause = 2s;

}  // namespace

TtyPort::TtyPort(Loop& loop, std::string path, model::SerialLine line, Events events, Explain explain)
    : loop_(loop),
      path_(std::move(path)),
      line_(line),
      events_(std::move(events)),
      explain_(std::move(explain)),
      pause_(shortest_pause) {
}

TtyPort::~TtyPort() {
    loop_.cancel(timer_);
    if (inotify_) loop_.unwatch(inotify_.get());
    close();
}

Result<> TtyPort::start() {
    inotify_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify_) return fail_errno("can't watch the device's folder");
    BULKHEAD_TRY(loop_.watch(inotify_.get(), EPOLLIN, [this](std::uint32_t) { on_folder_event(); }));
    attempt();
    return {};
}

void TtyPort::watch_folder() {
    if (folder_ >= 0) return;
    const auto folder = std::filesystem::path(path_).parent_path();
    folder_ = ::inotify_add_watch(
        inotify_.get(), folder.c_str(),
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR);
}

void TtyPort::attempt() {
    loop_.cancel(timer_);
    if (tty_) return;
    // Before the attempt, so that nothing that happens between is missed.
    watch_folder();
    const auto opened = open();
    if (opened) {
        error_.clear();
        pause_ = shortest_pause;
        events_.opened(tty_.get());
        return;
    }
    attempt_later();
    if (auto error = told(opened.error().text()); error != error_) {
        error_ = std::move(error);
        events_.failed();
    }
}

Result<> TtyPort::open() {
    BULKHEAD_TRY_ASSIGN(Fd tty, open_tty(path_, line_));
    if (line_.rs485) {
        BULKHEAD_TRY_ASSIGN(turn_around_, TurnAround::set(tty.get(), *line_.rs485, path_));
    }
    tty_ = std::move(tty);
    return {};
}

void TtyPort::close() {
    if (tty_ && turn_around_) turn_around_->give_back(tty_.get());
    turn_around_.reset();
    tty_.reset();
}

void TtyPort::attempt_later() {
    timer_ = loop_.after(pause_, [this] { attempt(); });
    pause_ = std::min(pause_ * 2, longest_pause);
}

void TtyPort::lost(const std::string& reason) {
    if (!tty_) return;
    events_.closing();
    close();
    error_ = told(path_ + ": " + reason);
    pause_ = shortest_pause;
    events_.failed();
    attempt_later();
}

void TtyPort::on_folder_event() {
    const std::string name = std::filesystem::path(path_).filename();
    bool ours = false;
    alignas(inotify_event) std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (got <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* const text = buffer.data() + at + sizeof event;
            if (event.len != 0 && name == text) ours = true;
            if ((event.mask & IN_Q_OVERFLOW) != 0) ours = true;
            if ((event.mask & IN_IGNORED) != 0 && event.wd == folder_) folder_ = -1;
            at += sizeof event + event.len;
        }
    }
    if (!ours) return;
    if (tty_ && !leads_to(path_, tty_.get())) lost("the device is gone, or another one is in its place");
    if (!tty_) attempt();
}

}  // namespace bulkhead::passthrough::serial
