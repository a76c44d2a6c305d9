// A raw SocketCAN socket on one interface (Documentation/networking/can.rst of Linux).
#pragma once

#include <linux/can.h>

#include <chrono>
#include <string>

namespace can_logger {

class CanSocket {
  public:
    CanSocket() = default;
    ~CanSocket() { close(); }
    CanSocket(const CanSocket&) = delete;
    CanSocket& operator=(const CanSocket&) = delete;

    // False if there is no such interface now; trying again may help.
    bool open(const std::string& interface);
    bool is_open() const { return fd_ >= 0; }
    void close();

    enum class Outcome { frame, nothing, broken };
    // Waits for one frame at most `patience`. Broken: the interface is gone or down; open it again.
    Outcome receive(can_frame& frame, std::chrono::milliseconds patience);

  private:
    int fd_ = -1;
};

}  // namespace can_logger
