// Messages from the worker to a handler that sends them on: a caller that does not read holds up its own
// handler, and never the worker.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace bulkhead::daemon {

template <class T>
class Mailbox {
  public:
    void put(T message) {
        {
            const std::scoped_lock lock(mutex_);
            messages_.push_back(std::move(message));
        }
        changed_.notify_one();
    }

    // The oldest message; nothing if none came within `patience`.
    std::optional<T> take(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [this] { return !messages_.empty(); })) return std::nullopt;
        T message = std::move(messages_.front());
        messages_.pop_front();
        return message;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> messages_;
};

}  // namespace bulkhead::daemon
