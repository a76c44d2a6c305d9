// The answers of a relayed call, from the line's thread to the one that serves the person. Bounded: a person
// who does not read ends the call, and holds up nobody else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace bulkhead::console {

class Answers {
  public:
    // False: too many wait.
    bool put(std::string message) {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() >= most || bytes_ + message.size() > most_bytes) return false;
        bytes_ += message.size();
        waiting_.push_back(std::move(message));
        changed_.notify_one();
        return true;
    }
    void end(const Errors& errors) {
        const std::scoped_lock lock(mutex_);
        if (!end_) end_ = errors;
        changed_.notify_one();
    }
    // Nothing within `patience`, or the end.
    std::optional<std::string> take(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return !waiting_.empty() || end_.has_value(); });
        if (waiting_.empty()) return std::nullopt;
        auto message = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_ -= message.size();
        return message;
    }
    // How it ended, once all was taken.
    std::optional<Errors> ended() {
        const std::scoped_lock lock(mutex_);
        return waiting_.empty() ? end_ : std::nullopt;
    }

  private:
    static constexpr std::size_t most = 10'000;
    static constexpr std::size_t most_bytes = std::size_t{4} * 1024 * 1024;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::size_t bytes_ = 0;
    std::optional<Errors> end_;
};

}  // namespace bulkhead::console
