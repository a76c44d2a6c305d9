// The control socket: tells everyone connected the state whenever it changes, and takes the request to stop.
// For root only.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/loop.hpp"
#include "passthrough/serial/listener.hpp"

namespace bulkhead::passthrough::serial {

class Control {
  public:
    struct Events {
        std::function<std::string()> state;  // the payload to send
        std::function<void()> stop;
    };

    Control(Loop& loop, Events events) : loop_(loop), events_(std::move(events)), listener_(loop) {}
    ~Control();

    Result<> open(const std::filesystem::path& path);
    void publish();

  private:
    struct Client {
        Fd fd;
        FrameReader reader;
    };
    void on_client(Fd fd);
    void on_bytes(int fd);
    bool send_state(int fd);
    void drop(int fd);

    Loop& loop_;
    Events events_;
    std::map<int, Client> clients_;
    Listener listener_;
};

}  // namespace bulkhead::passthrough::serial
