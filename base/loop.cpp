#include "base/loop.hpp"

#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace bulkhead {

Result<std::unique_ptr<Loop>> Loop::open() {
    Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
    Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll || !wake) return fail_errno("can't make an event loop");
    std::unique_ptr<Loop> loop(new Loop(std::move(epoll), std::move(wake)));
    Loop* const self = loop.get();
    BULKHEAD_TRY(loop->watch(self->wake_.get(), EPOLLIN, [self](std::uint32_t) {
        std::uint64_t count = 0;
        if (::read(self->wake_.get(), &count, sizeof count) > 0) self->run_posted();
    }));
    return loop;
}

Result<> Loop::watch(int fd, std::uint32_t events, EventCallback callback) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return fail_errno("can't watch fd " + std::to_string(fd));
    watched_[fd] = std::make_shared<EventCallback>(std::move(callback));
    return {};
}

Result<> Loop::rewatch(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0)
        return fail_errno("can't watch fd " + std::to_string(fd));
    return {};
}

void Loop::unwatch(int fd) {
    if (watched_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Loop::TimerId Loop::after(std::chrono::milliseconds delay, Callback callback) {
    const TimerId id = next_timer_++;
    timers_.emplace(std::chrono::steady_clock::now() + delay,
                    Timer{id, std::chrono::milliseconds(0), std::move(callback)});
    return id;
}

Loop::TimerId Loop::every(std::chrono::milliseconds period, Callback callback) {
    const TimerId id = next_timer_++;
    timers_.emplace(std::chrono::steady_clock::now() + period, Timer{id, period, std::move(callback)});
    return id;
}

void Loop::cancel(TimerId timer) {
    if (timer == firing_) firing_cancelled_ = true;
    std::erase_if(timers_, [timer](const auto& entry) { return entry.second.id == timer; });
}

Result<> Loop::on_signals(std::span<const int> signals, std::function<void(int)> callback) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : signals) ::sigaddset(&set, signal);
    if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
        return fail_errno(error, "can't block signals");
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) return fail_errno("can't receive signals");
    return watch(signals_.get(), EPOLLIN, [this, callback = std::move(callback)](std::uint32_t) {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            callback(static_cast<int>(info.ssi_signo));
    });
}

void Loop::post(Callback callback) {
    {
        const std::scoped_lock lock(posted_mutex_);
        posted_.push_back(std::move(callback));
    }
    const std::uint64_t one = 1;
    // A full counter already wakes the loop, so a short write loses nothing.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Loop::stop() {
    post([this] { running_ = false; });
}

int Loop::milliseconds_to_next_timer() const {
    if (timers_.empty()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first -
                                                                   std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 3'600'000));
}

void Loop::run_due_timers() {
    const TimePoint now = std::chrono::steady_clock::now();
    while (running_ && !timers_.empty() && timers_.begin()->first <= now) {
        auto node = timers_.extract(timers_.begin());
        firing_ = node.mapped().id;
        firing_cancelled_ = false;
        node.mapped().callback();
        const bool again = node.mapped().period.count() > 0 && !firing_cancelled_;
        firing_ = 0;
        if (!again) continue;
        node.key() = std::chrono::steady_clock::now() + node.mapped().period;
        timers_.insert(std::move(node));
    }
}

void Loop::run_posted() {
    std::vector<Callback> batch;
    {
        const std::scoped_lock lock(posted_mutex_);
        batch.swap(posted_);
    }
    for (auto& callback : batch) callback();
}

Result<> Loop::run() {
    running_ = true;
    std::array<epoll_event, 64> ready{};
    while (running_) {
        const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()),
                                       milliseconds_to_next_timer());
        if (count < 0 && errno != EINTR) return fail_errno("the event loop failed");
        for (int i = 0; i < count && running_; ++i) {
            const auto& event = ready[static_cast<std::size_t>(i)];
            const auto found = watched_.find(event.data.fd);
            if (found == watched_.end()) continue;
            const auto callback = found->second;
            (*callback)(event.events);
        }
        run_due_timers();
    }
    return {};
}

}  // namespace bulkhead
