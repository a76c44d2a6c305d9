// Server-sent events between those who have something to say, on any thread, and one reader at a time.
// Bounded: whoever reads too slowly is told how much it missed, and holds up nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::console::http {

// One event in the stream's format (HTML Living Standard, 9.2). `data` is one line.
std::string event_text(std::string_view event, std::string_view data);

class Feed {
  public:
    // The event that says what was lost: how many events, and the sum of their sizes.
    using Loss = std::function<std::string(std::uint64_t events, std::uint64_t size)>;

    Feed(std::size_t most_events, std::size_t most_bytes, Loss loss);

    // `size` is what counts in Loss, e.g. bytes before their encoding.
    void push(std::string text, std::uint64_t size = 1);
    // Unless the same text is waiting already.
    void push_once(std::string text);
    // Nothing more comes; `last` is kept even if the feed is full.
    void finish(std::string last = {});
    // The number of a new reader. Those before it are at their end.
    std::uint64_t take_over();
    bool is_reader(std::uint64_t number) const;

    bool finished() const;
    // All that waits; empty if nothing came in time; nullopt at the end.
    std::optional<std::string> next(std::chrono::milliseconds patience, std::uint64_t reader);

  private:
    void keep(std::string&& text, std::uint64_t size);

    const std::size_t most_events_, most_bytes_;
    const Loss loss_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::size_t bytes_ = 0;
    std::uint64_t lost_events_ = 0, lost_size_ = 0;
    std::string last_;
    std::uint64_t reader_ = 0;
    bool finished_ = false;
};

}  // namespace bulkhead::console::http
