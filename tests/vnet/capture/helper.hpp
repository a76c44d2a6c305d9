// bulkhead-capture as the manager starts it, spoken to from its manager's place.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "base/fd.hpp"
#include "vnet/capture/order.hpp"
#include "vnet/capture/piece.hpp"

namespace bulkhead::vnet::capture {

class Helper {
  public:
    explicit Helper(const Order& order) {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        socket = Fd(pair[0]);
        const Fd theirs(pair[1]);
        const timeval patience{20, 0};
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        pid = ::fork();
        if (pid == 0) {
            // Not close-on-exec, even if it has the number already.
            const int own = ::fcntl(theirs.get(), F_DUPFD_CLOEXEC, 10);
            ::dup2(own, 3);
            const char* path = std::getenv("BULKHEAD_CAPTURE");
            ::execl(path, path, nullptr);
            ::_exit(127);
        }
        EXPECT_TRUE(send_piece(socket.get(), {Piece::Kind::order, 0, 0, to_text(order)}));
    }
    ~Helper() {
        socket.reset();
        if (pid > 0) ::waitpid(pid, nullptr, 0);
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    Piece next() const {
        auto piece = receive_piece(socket.get(), longest_piece);
        if (piece && *piece) return std::move(**piece);
        ADD_FAILURE() << (piece ? "it has ended" : piece.error().text());
        return {.kind = Piece::Kind::failed};
    }
    // What is left of the file, and the last piece.
    std::pair<std::string, Piece> rest() const {
        std::string file;
        while (true) {
            auto piece = next();
            if (piece.kind != Piece::Kind::data) return {std::move(file), std::move(piece)};
            file += piece.bytes;
        }
    }
    // Its exit code, when it has ended by itself.
    int exit_code() {
        int status = 0;
        ::waitpid(std::exchange(pid, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    Fd socket;
    pid_t pid = -1;
};

inline Order order_of(std::vector<Place> places, std::uint64_t packets, std::uint64_t bytes = 1 << 30) {
    return {std::move(places), std::chrono::seconds(30), packets, bytes};
}

}  // namespace bulkhead::vnet::capture
