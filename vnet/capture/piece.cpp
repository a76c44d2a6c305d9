#include "vnet/capture/piece.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <string_view>

namespace bulkhead::vnet::capture {
namespace {

// Of one machine: in its byte order.
struct Head {
    std::uint32_t kind = 0;
    std::uint32_t size = 0;
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
};

Result<> send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return fail_errno("can't pass on what was captured");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

// How many came before the other side closed: all, or fewer.
Result<std::size_t> receive_all(int socket, char* to, std::size_t size) {
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::recv(socket, to + have, size - have, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("can't hear what was captured");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

}  // namespace

Result<> send_piece(int socket, const Piece& piece) {
    const Head head{static_cast<std::uint32_t>(piece.kind), static_cast<std::uint32_t>(piece.bytes.size()),
                    piece.packets, piece.lost};
    BULKHEAD_TRY(send_all(socket, {reinterpret_cast<const char*>(&head), sizeof head}));
    return send_all(socket, piece.bytes);
}

Result<std::optional<Piece>> receive_piece(int socket, std::size_t longest) {
    Head head;
    BULKHEAD_TRY_ASSIGN(const auto got, receive_all(socket, reinterpret_cast<char*>(&head), sizeof head));
    if (got == 0) return std::nullopt;
    if (got < sizeof head || head.size > longest ||
        head.kind > static_cast<std::uint32_t>(Piece::Kind::failed))
        return fail(Code::corrupt, "what came is no piece of a capture");
    Piece piece{static_cast<Piece::Kind>(head.kind), head.packets, head.lost, std::string(head.size, '\0')};
    BULKHEAD_TRY_ASSIGN(const auto filled, receive_all(socket, piece.bytes.data(), piece.bytes.size()));
    if (filled < piece.bytes.size()) return fail(Code::corrupt, "a piece of a capture was cut");
    return piece;
}

}  // namespace bulkhead::vnet::capture
