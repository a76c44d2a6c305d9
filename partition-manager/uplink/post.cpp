#include "partition-manager/uplink/post.hpp"

namespace bulkhead::uplink {

bool Post::send(Letter letter) {
    {
        const std::scoped_lock lock(mutex_);
        if (closed_) return false;
        out_.push_back(std::move(letter));
    }
    changed_.notify_all();
    return true;
}

bool Post::receive(v1alpha1::FromConsole message) {
    const std::size_t size = message.ByteSizeLong();
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] {
            return closed_ || in_.empty() ||
                   (in_.size() < most_received && in_bytes_ + size <= most_received_bytes);
        });
        if (closed_) return false;
        in_bytes_ += size;
        in_.push_back(std::move(message));
    }
    changed_.notify_all();
    return true;
}

void Post::poke() {
    {
        const std::scoped_lock lock(mutex_);
        poked_ = true;
    }
    changed_.notify_all();
}

void Post::close() {
    std::deque<Letter> unsent;  // they know who wrote them, who knows this
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        unsent.swap(out_);
    }
    changed_.notify_all();
}

bool Post::closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
}

void Post::wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return closed_ || poked_ || !in_.empty() || !out_.empty(); });
    poked_ = false;
}

std::optional<v1alpha1::FromConsole> Post::next_received() {
    std::optional<v1alpha1::FromConsole> message;
    {
        const std::scoped_lock lock(mutex_);
        if (in_.empty()) return message;
        message = std::move(in_.front());
        in_.pop_front();
        in_bytes_ -= message->ByteSizeLong();
    }
    changed_.notify_all();
    return message;
}

std::size_t Post::to_send() const {
    const std::scoped_lock lock(mutex_);
    return out_.size();
}

std::optional<Post::Letter> Post::next_to_send() {
    const std::scoped_lock lock(mutex_);
    if (out_.empty()) return std::nullopt;
    Letter letter = std::move(out_.front());
    out_.pop_front();
    return letter;
}

}  // namespace bulkhead::uplink
