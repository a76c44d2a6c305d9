// The host's end of the agent channel of one running partition. The other end is a guest, and hostile: what it sends is
// bounded in size, rate and memory, and never answered with more than a frame.
//
//   connect -> Welcome(session) -> Hello -> Configure -> heartbeats, output, ...
//
// A guest that is silent, or whose agent started anew, is welcomed again under a new session.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/loop.hpp"
#include "partition-manager/lifecycle/agent_message.hpp"
#include "partition-manager/lifecycle/allowance.hpp"

namespace bulkhead::agent::v1 {
class Configure;
class FromHost;
}  // namespace bulkhead::agent::v1

namespace bulkhead::lifecycle {

class AgentSession {
  public:
    // Called on the loop's thread. They must not destroy the session.
    struct Listener {
        std::function<void(const AgentHello&)> hello;       // a boot of the guest, or of its agent
        std::function<void(const OutputMessage&)> output;
        std::function<void(const ViolationMessage&)> violation;
    };

    static constexpr std::chrono::milliseconds heartbeat_interval{1000};

    AgentSession(Loop& loop, const Clock& clock, std::filesystem::path socket, Listener listener);
    ~AgentSession();
    AgentSession(const AgentSession&) = delete;
    AgentSession& operator=(const AgentSession&) = delete;

    // What the partition shall be made into. Sent now and after each hello; the same again is not sent twice.
    void configure(const agent::v1::Configure& configuration);
    // Asks for a clean power-off. False: there is nobody to ask.
    bool shutdown(std::chrono::milliseconds grace);
    // The adapter behind a line is back.
    void device_returned(const std::string& device);

    const AgentState& state() const { return state_; }

  private:
    void connect();
    void disconnect();
    void retry();
    void welcome();
    void check_silence();
    void on_events(std::uint32_t events);
    void read_some();
    void pause();
    void take(const Frame& frame);
    void apply(AgentHello hello);
    void apply(Heartbeat beat);
    void apply(const OutputMessage& output);
    void apply(const ViolationMessage& violation);
    void apply(const ConfiguredMessage& configured);
    bool send(const agent::v1::FromHost& message);
    void send_configuration();

    Loop& loop_;
    const Clock& clock_;
    std::filesystem::path path_;
    Listener listener_;
    Fd socket_;
    FrameReader reader_;
    AgentState state_;
    std::uint32_t session_ = 0;
    bool greeted_ = false;          // Hello came in this session
    MonotonicTime welcomed_at_;
    std::string configuration_;     // serialised FromHost; empty: none yet
    std::uint32_t revision_ = 0;
    Allowance bytes_;
    Allowance frames_;
    std::chrono::milliseconds retry_delay_;
    Loop::TimerId retry_timer_ = 0;
    Loop::TimerId resume_timer_ = 0;
    Loop::TimerId silence_timer_ = 0;
};

}  // namespace bulkhead::lifecycle
