// Supervises the tenant's application: starts it confined, streams its output, starts it again when it ends.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "base/token_bucket.hpp"
#include "bulkhead/agent/v1/agent.pb.h"
#include "guest-agent/application_output.hpp"
#include "guest-agent/launch.hpp"
#include "policies/profile.hpp"

namespace bulkhead::agent {

class Application {
  public:
    using Send = std::function<void(v1::FromAgent)>;

    Application(Loop& loop, const Clock& clock, const policies::Profile& profile, Send send);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    // Starts it, and again whenever it ends. Once per boot: a second call does nothing.
    void start(Command command);
    // It can't be started: says why in state().
    void refuse(std::string why);
    // SIGTERM, and SIGKILL after `grace`; then `done`. It is not started again.
    void stop(std::chrono::milliseconds grace, std::function<void()> done);

    v1::ApplicationState state() const { return state_; }

  private:
    struct Stream {
        Fd fd;
        LineCutter lines;
        bool speaks = false;  // its lines may have a meaning
    };

    void run();
    void watch(Stream& stream);
    bool read_some(Stream& stream);
    void drain(Stream& stream);
    void on_line(const Stream& stream, std::string line);
    void on_violation();
    void on_exit();
    void run_later();
    void flush();

    Loop& loop_;
    const Clock& clock_;
    const policies::Profile& profile_;
    Send send_;
    std::optional<Command> command_;
    v1::ApplicationState state_;
    pid_t pid_ = 0;
    Fd process_;
    Fd violations_;
    Stream output_;
    Stream errors_;
    MonotonicTime started_;
    std::chrono::milliseconds pause_;
    Loop::TimerId restart_ = 0;
    Loop::TimerId kill_ = 0;
    Loop::TimerId flush_ = 0;
    bool stopping_ = false;
    std::function<void()> stopped_;
    TokenBucket rate_;
    std::uint32_t dropped_ = 0;
    std::optional<std::string> late_reading_;       // the latest, when the rate limit held it back
    std::map<std::string, std::uint32_t> refused_;  // calls since the last flush, by name
};

}  // namespace bulkhead::agent
