// What passes an interface of this machine, both ways. The kernel shows a frame from a partition before the
// switch judges it, and a frame to a partition after.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "cli/capture_file.hpp"

namespace bulkhead::cli {

class PacketSocket {
  public:
    // Needs CAP_NET_RAW: Code::refused without. Frames that come from now on are kept until they are read,
    // as far as they fit.
    static Result<PacketSocket> open(const std::string& interface);

    int fd() const { return socket_.get(); }
    // The next frame that waits; nothing if none does. Its `interface` is the caller's to set.
    Result<std::optional<CapturedFrame>> next();
    // Frames that did not fit since the last call.
    std::uint64_t lost();

  private:
    explicit PacketSocket(Fd socket) : socket_(std::move(socket)) {}

    Fd socket_;
};

}  // namespace bulkhead::cli
