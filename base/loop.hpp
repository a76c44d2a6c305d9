// The one event loop of a daemon: file descriptors, timers, signals, and closures posted from other threads.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead {

class Loop {
  public:
    using Callback = std::function<void()>;
    using EventCallback = std::function<void(std::uint32_t events)>;
    using TimerId = std::uint64_t;

    static Result<std::unique_ptr<Loop>> open();

    // All but post() and stop() belong to the loop's own thread.

    // Calls back while `fd` is ready for `events` (EPOLLIN, ...). The caller keeps the fd open until
    // unwatch().
    Result<> watch(int fd, std::uint32_t events, EventCallback callback);
    Result<> rewatch(int fd, std::uint32_t events);
    // After this no callback of `fd` runs, even if one was pending in this round.
    void unwatch(int fd);

    TimerId after(std::chrono::milliseconds delay, Callback callback);
    // First call after one period. A round that was missed is not made up for.
    TimerId every(std::chrono::milliseconds period, Callback callback);
    void cancel(TimerId timer);

    // Blocks the signals for the process and delivers them here.
    Result<> on_signals(std::span<const int> signals, std::function<void(int)> callback);

    // From any thread: run `callback` on the loop's thread, in the order of posting.
    void post(Callback callback);
    // From any thread: run() returns after the current round.
    void stop();

    Result<> run();

  private:
    struct Timer {
        TimerId id;
        std::chrono::milliseconds period;  // zero: once
        Callback callback;
    };
    using TimePoint = std::chrono::steady_clock::time_point;

    Loop(Fd epoll, Fd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}
    int milliseconds_to_next_timer() const;
    void run_due_timers();
    void run_posted();

    Fd epoll_;
    Fd wake_;
    Fd signals_;
    bool running_ = true;
    TimerId next_timer_ = 1;
    std::multimap<TimePoint, Timer> timers_;
    TimerId firing_ = 0;
    bool firing_cancelled_ = false;
    // Shared with the round in progress, so that a callback may unwatch itself.
    std::unordered_map<int, std::shared_ptr<EventCallback>> watched_;
    std::mutex posted_mutex_;
    std::vector<Callback> posted_;
};

}  // namespace bulkhead
