// Tells that something on the buses came or went: messages of the kernel, and of udev when it has made its
// names.
#pragma once

#include <functional>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead::passthrough::inventory {

class Uevents {
  public:
    // `changed` is called on the loop, once for whatever happened in the last 300 ms. What the messages say
    // is not read: whoever wants to know looks. Lost ones count too.
    Uevents(Loop& loop, std::function<void()> changed) : loop_(loop), changed_(std::move(changed)) {}
    ~Uevents();
    Uevents(const Uevents&) = delete;
    Uevents& operator=(const Uevents&) = delete;

    Result<> open();

  private:
    void on_message();

    Loop& loop_;
    std::function<void()> changed_;
    Fd socket_;
    Loop::TimerId timer_ = 0;  // 0: nothing happened since the last call
};

}  // namespace bulkhead::passthrough::inventory
