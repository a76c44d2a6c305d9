// The gateway's end of the line to its console: a thread that connects, stays connected, and comes back.
// Nothing waits for it, and what runs on the gateway does not depend on it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "crypto/join_string.hpp"
#include "partition-manager/uplink/enrolment.hpp"
#include "partition-manager/uplink/line.hpp"

namespace bulkhead::uplink {

struct UplinkState {
    std::string console;  // HOST:PORT; empty: not enrolled
    std::string text;     // connected, or since when and why not
};

class Uplink {
  public:
    explicit Uplink(UplinkParts parts);
    ~Uplink();
    Uplink(const Uplink&) = delete;
    Uplink& operator=(const Uplink&) = delete;

    // Begins to connect, as soon as the gateway is enrolled.
    void start();
    void stop();
    // From any thread: there may be something to tell.
    void poke();
    UplinkState state() const;

    // Blocks for as long as the console takes; from any thread but the worker's.
    Result<Joined> join(const crypto::JoinString& join, const std::string& it_keys_pem,
                        const std::string& gateway);

  private:
    void run(const std::stop_token& stop);
    Result<> take(const Membership& membership, const std::string& it_keys_pem);
    void connect_once(const Membership& membership, const std::stop_token& stop);
    void renew(const Membership& membership);
    void pause(const std::stop_token& stop);
    void note(std::string text);

    const UplinkParts parts_;
    std::mutex join_mutex_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool wanted_ = false;   // connect now: the gateway has joined a console
    bool joining_ = false;  // connect to none: it is changing consoles
    std::string text_;
    std::shared_ptr<Line> line_;  // shared with poke()
    std::chrono::milliseconds back_off_{0};
    MonotonicTime renew_not_before_;
    std::jthread thread_;
};

}  // namespace bulkhead::uplink
