// The one thread that blocks: it observes, plans and executes, one request at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace bulkhead::daemon {

class Worker {
  public:
    explicit Worker(const std::string& name);
    // Finishes the task in progress; queued ones are dropped, and their futures report a broken promise.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // From any thread; runs in order of submission.
    template <class F>
    auto submit(F task) -> std::future<decltype(task())> {
        auto packaged = std::make_shared<std::packaged_task<decltype(task())()>>(std::move(task));
        auto future = packaged->get_future();
        enqueue([packaged] { (*packaged)(); });
        return future;
    }

  private:
    void enqueue(std::function<void()> task);
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace bulkhead::daemon
