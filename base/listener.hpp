// A unix socket that others can only see once it answers: bound beside its path, given to its user, and moved
// into place.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead {

class Listener {
  public:
    // A connection by root or by `user`; others are closed before this is called.
    using Accepted = std::function<void(Fd client)>;

    explicit Listener(Loop& loop) : loop_(loop) {}
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // The socket belongs to `user` alone, or to root if there is none. After each connection the next one
    // waits for `pause`, so that nobody keeps us busy by connecting.
    Result<> open(const std::filesystem::path& path, std::optional<uid_t> user,
                  std::chrono::milliseconds pause, Accepted accepted);

  private:
    void on_ready(std::optional<uid_t> user, std::chrono::milliseconds pause);

    Loop& loop_;
    Fd socket_;
    Accepted accepted_;
    Loop::TimerId timer_ = 0;
};

}  // namespace bulkhead
