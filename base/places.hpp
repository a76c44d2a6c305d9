// Places that people share: bounded in all, and for each of them, so that nobody takes all. From any thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace bulkhead {

class Places {
  public:
    Places(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}
    // Held as long as the handle, which may outlive this; null: none is free for `user`.
    std::shared_ptr<void> take(const std::string& user) {
        const std::scoped_lock lock(taken_->mutex);
        auto& own = taken_->of[user];
        if (taken_->all >= most_ || own >= most_of_one_) {
            if (own == 0) taken_->of.erase(user);
            return nullptr;
        }
        ++taken_->all;
        ++own;
        return {taken_.get(), [taken = taken_, user](void*) {
                    const std::scoped_lock release(taken->mutex);
                    --taken->all;
                    if (--taken->of[user] == 0) taken->of.erase(user);
                }};
    }

  private:
    struct Taken {
        std::mutex mutex;
        std::size_t all = 0;
        std::map<std::string, std::size_t> of;
    };
    const std::size_t most_, most_of_one_;
    std::shared_ptr<Taken> taken_ = std::make_shared<Taken>();  // handles outlive this
};

}  // namespace bulkhead
