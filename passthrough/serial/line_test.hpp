// Sends a random pattern out of a terminal and listens for the same: over a plug that joins sending to
// receiving, or as an RS-485 port that hears itself.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/error.hpp"
#include "base/loop.hpp"
#include "model/serial_line.hpp"
#include "passthrough/line_test_result.hpp"

namespace bulkhead::passthrough::serial {

class LineTest {
  public:
    using Done = std::function<void(const LineTestResult& result)>;

    // `fd` is an open terminal that nobody else watches, and stays open until this is gone. `done` is called
    // once, from the loop; it may destroy this.
    LineTest(Loop& loop, int fd, const model::SerialLine& line, const LineTestOrder& order, Done done);
    ~LineTest();
    LineTest(const LineTest&) = delete;
    LineTest& operator=(const LineTest&) = delete;

    Result<> start();
    std::uint32_t number() const { return result_.number; }

  private:
    using Clock = std::chrono::steady_clock;

    void on_ready(std::uint32_t events);
    void send();
    void hear();
    void wait_for_more();
    void end();

    Loop& loop_;
    int fd_;
    model::SerialLine line_;
    std::vector<std::byte> pattern_;
    LineTestResult result_;
    Done done_;
    Clock::time_point begun_;
    Clock::time_point heard_last_;
    Loop::TimerId timer_ = 0;
};

}  // namespace bulkhead::passthrough::serial
