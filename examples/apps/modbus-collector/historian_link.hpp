// Sends readings to a historian over a conduit, a line each. A reading that can't go now is not kept: the
// next one is newer, and the file has them all.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace modbus_collector {

struct Target {
    sockaddr_storage address{};
    socklen_t size = 0;
};

// "10.20.9.2:8883" or "[fd20:9::2]:8883".
std::optional<Target> parse_target(std::string_view text);

class HistorianLink {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit HistorianLink(Target target) : target_(target) {}
    ~HistorianLink();
    HistorianLink(const HistorianLink&) = delete;
    HistorianLink& operator=(const HistorianLink&) = delete;

    // Never waits. Connects if need be, at most once in five seconds.
    void send(const std::string& line, Time now);

  private:
    void connect(Time now);
    void close();

    Target target_;
    int fd_ = -1;
    Time next_try_;
};

}  // namespace modbus_collector
