#include "console/server/http/feed.hpp"

#include <algorithm>
#include <utility>

namespace bulkhead::console::http {

std::string event_text(std::string_view event, std::string_view data) {
    std::string text = "event: ";
    text.append(event).append("\ndata: ").append(data).append("\n\n");
    return text;
}

Feed::Feed(std::size_t most_events, std::size_t most_bytes, Loss loss)
    : most_events_(most_events), most_bytes_(most_bytes), loss_(std::move(loss)) {
}

void Feed::keep(std::string&& text, std::uint64_t size) {
    if (finished_) return;
    // Once something was lost, what follows is lost too until the reader has been told: order stays right.
    if (lost_events_ > 0 || waiting_.size() >= most_events_ || bytes_ + text.size() > most_bytes_) {
        ++lost_events_;
        lost_size_ += size;
        return;
    }
    bytes_ += text.size();
    waiting_.push_back(std::move(text));
}

void Feed::push(std::string text, std::uint64_t size) {
    {
        const std::lock_guard lock(mutex_);
        keep(std::move(text), size);
    }
    changed_.notify_all();
}

void Feed::push_once(std::string text) {
    {
        const std::lock_guard lock(mutex_);
        if (std::find(waiting_.begin(), waiting_.end(), text) != waiting_.end()) return;
        keep(std::move(text), 1);
    }
    changed_.notify_all();
}

void Feed::finish(std::string last) {
    {
        const std::lock_guard lock(mutex_);
        if (finished_) return;
        finished_ = true;
        last_ = std::move(last);
    }
    changed_.notify_all();
}

std::uint64_t Feed::take_over() {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++reader_;
    }
    changed_.notify_all();
    return number;
}

bool Feed::is_reader(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    return reader_ == number;
}

bool Feed::finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
}

std::optional<std::string> Feed::next(std::chrono::milliseconds patience, std::uint64_t reader) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return !waiting_.empty() || finished_ || reader_ != reader; });
    if (reader_ != reader) return std::nullopt;
    std::string text;
    for (const auto& each : waiting_) text += each;
    waiting_.clear();
    bytes_ = 0;
    if (lost_events_ > 0) text += loss_(std::exchange(lost_events_, 0), std::exchange(lost_size_, 0));
    if (finished_) text += std::exchange(last_, {});
    if (finished_ && text.empty()) return std::nullopt;
    return text;
}

}  // namespace bulkhead::console::http
