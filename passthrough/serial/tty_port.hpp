// Keeps one terminal device open. When it goes away, it says so and opens it again: as soon as its folder
// changes (inotify), and by a timer that backs off, for folders that are not there and events that get lost.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "model/serial_line.hpp"
#include "passthrough/serial/turn_around.hpp"

namespace bulkhead::passthrough::serial {

class TtyPort {
  public:
    struct Events {
        std::function<void(int fd)> opened;
        std::function<void()> closing;  // its fd is still valid here, for the last time
        std::function<void()> failed;   // error() is another one now
    };

    // Says what it wants instead of the terminal's own error.
    using Explain = std::function<std::string(const std::string& error)>;

    TtyPort(Loop& loop, std::string path, model::SerialLine line, Events events, Explain explain = {});
    ~TtyPort();
    TtyPort(const TtyPort&) = delete;
    TtyPort& operator=(const TtyPort&) = delete;

    // Begins to try. Fails only if the kernel gives no inotify.
    Result<> start();
    // The device is gone, as its reader or writer saw.
    void lost(const std::string& reason);

    bool present() const { return static_cast<bool>(tty_); }
    const std::string& error() const { return error_; }

  private:
    void attempt();
    Result<> open();
    void close();
    void attempt_later();
    std::string told(const std::string& error) const { return explain_ ? explain_(error) : error; }
    void watch_folder();
    void on_folder_event();

    Loop& loop_;
    std::string path_;
    model::SerialLine line_;
    Events events_;
    Explain explain_;
    Fd tty_;
    std::optional<TurnAround> turn_around_;
    Fd inotify_;
    int folder_ = -1;  // inotify's number of the folder
    std::string error_;
    std::chrono::milliseconds pause_;
    Loop::TimerId timer_ = 0;
};

}  // namespace bulkhead::passthrough::serial
