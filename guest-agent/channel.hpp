// The agent's end of the virtio-serial port. The host comes and goes: then reads end, writes would block for
// good and poll reports a hang-up without end, so the port is left alone and tried again by timer.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>

#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/loop.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

class Channel {
  public:
    using Receive = std::function<void(std::uint32_t session, const v1::FromHost&)>;

    Channel(Loop& loop, std::filesystem::path port, Receive receive);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // From here on frames carry this session. Before the first one nothing is sent.
    void set_session(std::uint32_t session);
    std::uint32_t session() const { return session_; }

    // Never blocks. What does not fit pushes out the oldest output; an unsent heartbeat is replaced.
    void send(v1::FromAgent message);
    // Lines of output that were pushed out since the last call.
    std::uint32_t take_dropped();
    bool idle() const { return queue_.empty() && sending_.empty(); }

  private:
    void open();
    void retry();
    void close();
    void on_ready(std::uint32_t events);
    bool read_some();
    void write_some();
    void want(bool write);
    void make_room(std::size_t size);

    Loop& loop_;
    std::filesystem::path path_;
    Receive receive_;
    Fd port_;
    bool watched_ = false;
    bool writing_ = false;
    Loop::TimerId timer_ = 0;
    FrameReader reader_;
    std::uint32_t session_ = 0;
    std::deque<v1::FromAgent> queue_;
    std::size_t queued_bytes_ = 0;
    std::string sending_;  // the rest of a frame that is partly sent
    std::uint32_t dropped_ = 0;
};

}  // namespace bulkhead::agent
