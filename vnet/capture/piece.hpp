// What the partition manager and its helper say to each other on their socket: an order, and then pieces of
// the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace bulkhead::vnet::capture {

struct Piece {
    enum class Kind : std::uint32_t {
        order,   // manager to helper, once: bytes are the order's text
        data,    // bytes of the file
        ended,   // last: a limit was reached, which
        gone,    // last: an interface is not there, in words
        failed,  // last: anything else, in words
    };
    Kind kind = Kind::data;
    std::uint64_t packets = 0;  // so far, with those in `bytes`
    std::uint64_t lost = 0;     // so far: frames that came faster than they were taken
    std::string bytes;
    bool operator==(const Piece&) const = default;
};

// A helper handles bytes of guests: what it says is bounded, and never waited for without end.
inline constexpr std::size_t longest_piece = std::size_t{256} * 1024;

// Both block as long as the socket does. Errors: the other side has left, or its time is over.
Result<> send_piece(int socket, const Piece& piece);
// Nothing: the other side has closed. Code::corrupt for what is longer than `longest` or of no kind.
Result<std::optional<Piece>> receive_piece(int socket, std::size_t longest);

}  // namespace bulkhead::vnet::capture
