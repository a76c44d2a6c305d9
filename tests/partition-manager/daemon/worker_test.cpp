#include "partition-manager/daemon/worker.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bulkhead::daemon {
namespace {

TEST(Worker, does_one_thing_after_the_other_on_one_thread) {
    Worker worker("test");
    std::vector<int> order;
    std::vector<std::future<std::thread::id>> done;
    for (int i = 0; i < 100; ++i)
        done.push_back(worker.submit([&order, i] {
            order.push_back(i);
            return std::this_thread::get_id();
        }));
    const auto thread = done.front().get();
    EXPECT_NE(thread, std::this_thread::get_id());
    for (std::size_t i = 1; i < done.size(); ++i) EXPECT_EQ(done[i].get(), thread);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Worker, finishes_the_task_in_progress_and_tells_those_that_wait_behind_it) {
    std::promise<void> begun;
    std::promise<void> go;
    auto worker = std::make_unique<Worker>("test");
    auto first = worker->submit([&] {
        begun.set_value();
        go.get_future().wait();
        return 1;
    });
    auto second = worker->submit([] { return 2; });
    begun.get_future().wait();
    auto ending = std::async(std::launch::async, [&] { worker.reset(); });
    // Its queue is dropped before the task in progress has ended.
    EXPECT_THROW(second.get(), std::future_error);
    go.set_value();
    EXPECT_EQ(first.get(), 1);
    ending.get();
}

}  // namespace
}  // namespace bulkhead::daemon
