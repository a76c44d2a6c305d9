// The way out of a gateway's line. The gateway hears nothing before its welcome, so whatever is sent earlier,
// by people who found the line as soon as it began, waits for it. From any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::console {

class Outlet : public std::enable_shared_from_this<Outlet> {
  public:
    using Send = std::function<void(v1alpha1::FromConsole)>;
    static constexpr std::size_t most_waiting = 1024;

    // `wire` keeps the order of its calls; `overflow` is called when more waits than may. Neither comes back
    // here.
    Outlet(Send wire, std::function<void()> overflow)
        : wire_(std::move(wire)), overflow_(std::move(overflow)) {}

    void send(v1alpha1::FromConsole message);
    // The welcome, and then what waits.
    void open(v1alpha1::FromConsole welcome);
    // send() for someone who may live longer than the line.
    Send sender();

  private:
    const Send wire_;
    const std::function<void()> overflow_;
    std::mutex mutex_;  // held while sending: nothing overtakes what waited
    bool open_ = false;
    std::vector<v1alpha1::FromConsole> waiting_;
};

}  // namespace bulkhead::console
