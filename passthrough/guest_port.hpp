// The socket that QEMU connects to. One client at a time: two at one device would hear half of each other.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/listener.hpp"
#include "base/loop.hpp"

namespace bulkhead::passthrough {

class GuestPort {
  public:
    struct Events {
        std::function<void(int fd)> joined;
        std::function<void()> leaving;  // its fd is still valid here, for the last time
    };

    GuestPort(Loop& loop, Events events) : events_(std::move(events)), listener_(loop) {}

    Result<> open(const std::filesystem::path& path, std::optional<uid_t> user);
    // The client is gone, as its reader or writer saw.
    void lost();
    bool connected() const { return static_cast<bool>(client_); }

  private:
    void on_client(Fd client);

    Events events_;
    Fd client_;
    Listener listener_;
};

}  // namespace bulkhead::passthrough
