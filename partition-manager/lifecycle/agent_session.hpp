// The host's end of one running partition's agent channel. Everything that arrives is hostile: it is read at
// a bounded rate, one frame at a time, and a guest that offers more waits in its own kernel.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/loop.hpp"
#include "base/token_bucket.hpp"
#include "bulkhead/agent/v1/agent.pb.h"
#include "model/names.hpp"
#include "partition-manager/lifecycle/agent_message.hpp"
#include "partition-manager/lifecycle/agent_state.hpp"

namespace bulkhead::lifecycle {

// Called on the loop's thread; none may destroy the session.
struct AgentCallbacks {
    std::function<void()> changed = [] {};  // hello, application, devices, configuration, connection
    std::function<void(const OutputLine&)> output = [](const OutputLine&) {};
    std::function<void(const Violation&)> violation = [](const Violation&) {};
    // Answers to what was asked in this connection; their `round` is the guest's word.
    std::function<void(const QuoteAnswer&)> quote = [](const QuoteAnswer&) {};
    std::function<void(const ActivateAnswer&)> activated = [](const ActivateAnswer&) {};
};

class AgentSession {
  public:
    static constexpr std::chrono::milliseconds heartbeat_interval{1000};

    // What an agent may offer. Ours sends about 0.3 KiB/s, and at most 50 lines of 1 KiB per second.
    static constexpr Rate bytes{128.0 * 1024, 256.0 * 1024};
    static constexpr Rate frames{500, 1000};
    // Whoever sends byte by byte costs a wake-up for each.
    static constexpr Rate reads{200, 400};
    static constexpr std::size_t read_size = 16 * 1024;

    AgentSession(Loop& loop, const Clock& clock, model::PartitionName partition, std::filesystem::path socket,
                 AgentCallbacks callbacks);
    ~AgentSession();
    AgentSession(const AgentSession&) = delete;
    AgentSession& operator=(const AgentSession&) = delete;

    // Sent after each Hello, and at once if it differs from what this agent has. Code::invalid if it does not
    // fit into a frame.
    Result<> configure(agent::v1::Configure wanted);
    // Asks the agent to power off cleanly. Code::unavailable if there is no agent to ask.
    Result<> shutdown(std::chrono::milliseconds grace);
    // The adapter behind a line was away and is back.
    void device_returned(const model::DeviceName& device);
    // Code::unavailable if there is no agent to ask. The answer may never come.
    Result<> ask(const agent::v1::QuoteRequest& request);
    Result<> ask(const agent::v1::ActivateRequest& request);
    // The application's secrets: all of them. None: they are taken back. Code::unavailable if there is no
    // agent to tell.
    Result<> send_secrets(const agent::v1::Secrets& secrets);
    // Lets go of the socket and stays quiet.
    void close();

    const AgentState& state() const { return state_; }
    const model::PartitionName& partition() const { return partition_; }

  private:
    void connect();
    void disconnect();
    void arm();
    void on_ready(std::uint32_t events);
    void read_some();
    // How many frames that was.
    std::size_t take_frames();
    void pause(std::chrono::milliseconds time);
    void take(const Frame& frame);
    void on_hello(AgentHello hello);
    void on_heartbeat(AgentHeartbeat heartbeat);
    void on_output(OutputLine line);
    void on_violation(const Violation& violation);
    void send(const agent::v1::FromHost& message);
    void send_configure();
    Result<> send_now(const agent::v1::FromHost& message);
    void write_some();
    void welcome();
    void check_deadline();

    Loop& loop_;
    const Clock& clock_;
    model::PartitionName partition_;
    std::filesystem::path path_;
    AgentCallbacks callbacks_;
    AgentState state_;

    Fd socket_;
    bool watched_ = false;
    bool closed_ = false;
    Loop::TimerId connect_timer_ = 0;
    Loop::TimerId pause_timer_ = 0;
    Loop::TimerId deadline_timer_ = 0;
    std::chrono::milliseconds back_off_;
    std::uint32_t session_ = 0;
    FrameReader reader_;
    MonotonicTime heard_;  // the last valid frame, or the start of the connection
    TokenBucket bytes_{bytes};
    TokenBucket frames_{frames};
    TokenBucket reads_{reads};
    std::string sending_;

    std::optional<agent::v1::Configure> wanted_;
    std::uint32_t revision_ = 0;
};

}  // namespace bulkhead::lifecycle
