// Messages of one connection, between gRPC's threads, those that produce answers, and the uplink's thread,
// which alone handles and writes them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::uplink {

class Post {
  public:
    // Received and not yet handled, so that a console can't fill the memory.
    static constexpr std::size_t most_received = 64;
    static constexpr std::size_t most_received_bytes = std::size_t{16} * 1024 * 1024;

    struct Letter {
        v1alpha1::FromGateway message;
        std::function<void()> taken;  // it is being written: the next one may be made
    };

    // False: the connection has ended.
    bool send(Letter letter);
    // Waits while the uplink's thread is far behind.
    bool receive(v1alpha1::FromConsole message);
    // Something outside may have changed: look.
    void poke();
    void close();
    bool closed() const;

    void wait(std::chrono::milliseconds patience);
    std::optional<v1alpha1::FromConsole> next_received();
    std::optional<Letter> next_to_send();
    std::size_t to_send() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<v1alpha1::FromConsole> in_;
    std::size_t in_bytes_ = 0;
    std::deque<Letter> out_;
    bool poked_ = false;
    bool closed_ = false;
};

}  // namespace bulkhead::uplink
