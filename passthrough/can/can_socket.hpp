// Raw CAN sockets (Documentation/networking/can.rst), and batches of frames through them.
#pragma once

#include <linux/can.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "model/can.hpp"

namespace bulkhead::passthrough::can {

// Bound to no interface yet: hears nothing. Others on this host hear what is sent, and the sender does not.
Result<Fd> open_can_socket();
// What may be heard: the rules with `receive`, checked by the kernel before anything is queued.
Result<> hear_only(int socket, const model::CanGuard& guard);
// And what the controller tells of the bus, as frames that are marked so (linux/can/error.h).
Result<> hear_errors(int socket);
// How much may wait in the kernel to be sent, in bytes; the kernel has a least. A few frames: who waits there
// can't be overtaken, nor dropped when the bus goes.
Result<> bound_queue(int socket, int bytes);
// To another interface if it was bound to one before.
Result<> bind_to(int socket, unsigned index);
// What went wrong with it since somebody looked last; an errno, or 0.
int take_error(int socket);

// Room for what comes or goes at once; nothing is allocated once it is made.
class Batch {
  public:
    static constexpr std::size_t most = 64;  // frames

    Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    // Replaces what is in it by what has come: whole frames only. The errno of what went wrong, or 0; EAGAIN
    // if there is nothing.
    int receive(int socket);
    std::span<const can_frame> frames() const { return {frames_.data(), count_}; }
    // That the kernel threw away since the socket was opened, because nobody fetched them; of receive().
    std::uint32_t overflown() const { return overflown_; }

    void clear() { first_ = count_ = 0; }
    // There must be room: of another batch's size.
    void add(const can_frame& frame) { frames_.at(count_++) = frame; }
    std::size_t size() const { return count_ - first_; }
    bool empty() const { return size() == 0; }
    // As many as there is room for; they are taken out. The errno of what stopped it, or 0.
    int send(int socket);

  private:
    std::array<can_frame, most> frames_{};
    std::array<iovec, most> pieces_{};
    std::array<mmsghdr, most> messages_{};
    struct alignas(cmsghdr) Control {
        std::array<std::byte, CMSG_SPACE(sizeof(std::uint32_t))> bytes;
    };
    std::array<Control, most> controls_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::uint32_t overflown_ = 0;
};

}  // namespace bulkhead::passthrough::can
