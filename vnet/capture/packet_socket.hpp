// What passes an interface of this machine, both ways. The kernel shows a frame from a partition before the
// switch judges it, and a frame to a partition after.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "vnet/capture/pcapng.hpp"

namespace bulkhead::vnet::capture {

class PacketSocket {
  public:
    // Needs CAP_NET_RAW: Code::refused without. Frames that come from now on are kept until they are read,
    // as far as they fit into `room` bytes; without CAP_NET_ADMIN into what the system allows, if that is
    // less.
    static Result<PacketSocket> open(const std::string& interface, int room);

    int fd() const { return socket_.get(); }
    // The next frame that waits; nothing if none does. Its `interface` is the caller's to set.
    Result<std::optional<CapturedFrame>> next();
    // Frames that did not fit since the last call.
    std::uint64_t lost();
    // Its interface was deleted: nothing will come any more, and the kernel does not say so in every case.
    bool is_gone() const;

  private:
    explicit PacketSocket(Fd socket) : socket_(std::move(socket)) {}

    Fd socket_;
    std::string buffer_;  // kept from frame to frame: to clear 64 KiB for each costs more than to read it
};

}  // namespace bulkhead::vnet::capture
