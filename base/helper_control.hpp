// The control socket of a helper process: tells everyone connected its state whenever that changes, and takes
// requests. For root only.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/listener.hpp"
#include "base/loop.hpp"

namespace bulkhead {

class HelperControl {
  public:
    struct Events {
        std::function<std::string()> state;             // the payload to send
        std::function<void(std::string_view)> request;  // the payload that came
    };

    HelperControl(Loop& loop, Events events) : loop_(loop), events_(std::move(events)), listener_(loop) {}
    ~HelperControl();

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

}  // namespace bulkhead
