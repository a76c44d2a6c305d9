#include "partition-manager/daemon/worker.hpp"

#include <pthread.h>

namespace bulkhead::daemon {

Worker::Worker(const std::string& name) : thread_([this] { run(); }) {
    // Names longer than 15 characters are refused by the kernel (pthread_setname_np(3)).
    ::pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

Worker::~Worker() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        tasks_.clear();
    }
    changed_.notify_all();
    thread_.join();
}

void Worker::enqueue(std::function<void()> task) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
}

void Worker::run() {
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

}  // namespace bulkhead::daemon
