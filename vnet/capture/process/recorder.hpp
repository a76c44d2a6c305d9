// One capture: its sockets, what of it waits to be passed on, and how much there was.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "vnet/capture/order.hpp"
#include "vnet/capture/packet_socket.hpp"
#include "vnet/capture/piece.hpp"

namespace bulkhead::vnet::capture {

class Recorder {
  public:
    // From now on frames are kept. Code::not_found if an interface is not there.
    static Result<Recorder> open(Order order);

    // Until a limit is reached, an interface is gone, or whoever listens at `socket` has left. While nobody
    // takes what is sent, frames wait in the kernel, and are lost and counted where they don't fit.
    Result<> run(int socket);

  private:
    using Moment = std::chrono::steady_clock::time_point;
    Recorder(Order order, std::vector<PacketSocket> sockets)
        : order_(std::move(order)), sockets_(std::move(sockets)) {}

    // Which limit was reached, if any.
    std::string reached() const;
    // Whether the listener is still there.
    Result<bool> wait(int socket) const;
    Result<> take(std::size_t index);
    Result<> flush(int socket);
    Result<> finish(int socket, Piece::Kind kind, std::string text);
    // Null: all are there, or nobody has looked again yet.
    const std::string* gone_interface();

    Order order_;
    std::vector<PacketSocket> sockets_;
    Moment end_;
    Moment flushed_;
    Moment looked_;
    std::string waiting_;
    std::uint64_t bytes_ = 0;  // of the file, with what waits
    std::uint64_t packets_ = 0;
    std::uint64_t lost_ = 0;
    bool full_ = false;  // the next frame would be too much
};

}  // namespace bulkhead::vnet::capture
