// Messages of one connection, between gRPC's threads, those that produce answers, and the uplink's thread,
// which alone handles and writes them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::uplink {

class Post {
  public:
    struct Letter {
        v1alpha1::FromGateway message;
        std::function<void()> taken;  // it is being written: the next one may be made
    };

    // False: the connection has ended.
    bool send(Letter letter) {
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) return false;
            out_.push_back(std::move(letter));
        }
        changed_.notify_all();
        return true;
    }
    // Waits while the uplink's thread is far behind, so that a console can't fill the memory.
    bool receive(v1alpha1::FromConsole message) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || in_.size() < most_received; });
        if (closed_) return false;
        in_.push_back(std::move(message));
        lock.unlock();
        changed_.notify_all();
        return true;
    }
    // Something outside may have changed: look.
    void poke() {
        {
            const std::scoped_lock lock(mutex_);
            poked_ = true;
        }
        changed_.notify_all();
    }
    void close() {
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
        }
        changed_.notify_all();
    }
    bool closed() const {
        const std::scoped_lock lock(mutex_);
        return closed_;
    }

    void wait(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience,
                          [this] { return closed_ || poked_ || !in_.empty() || !out_.empty(); });
        poked_ = false;
    }
    std::optional<v1alpha1::FromConsole> next_received() {
        std::optional<v1alpha1::FromConsole> message;
        {
            const std::scoped_lock lock(mutex_);
            if (in_.empty()) return message;
            message = std::move(in_.front());
            in_.pop_front();
        }
        changed_.notify_all();
        return message;
    }
    std::optional<Letter> next_to_send() {
        const std::scoped_lock lock(mutex_);
        if (out_.empty()) return std::nullopt;
        Letter letter = std::move(out_.front());
        out_.pop_front();
        return letter;
    }

  private:
    static constexpr std::size_t most_received = 64;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<v1alpha1::FromConsole> in_;
    std::deque<Letter> out_;
    bool poked_ = false;
    bool closed_ = false;
};

}  // namespace bulkhead::uplink
