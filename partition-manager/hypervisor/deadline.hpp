// Calls into libraries that may hang.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>

namespace bulkhead::hypervisor {

// Runs `call` on a thread of its own and waits for it; nothing if it did not return in time. The thread then
// lives on until the call does return, so `call` must own all that it uses.
template <class T>
std::optional<T> within(std::chrono::milliseconds deadline, std::function<T()> call) {
    auto task = std::make_unique<std::packaged_task<T()>>(std::move(call));
    auto result = task->get_future();
    std::thread([task = std::move(task)] { (*task)(); }).detach();
    if (result.wait_for(deadline) != std::future_status::ready) return std::nullopt;
    return result.get();
}

}  // namespace bulkhead::hypervisor
