// The partition manager's end of a helper's control socket (helper_control.hpp), for blocking use on a worker
// thread. Every wait has a deadline and every read a bound: the helper may be hung, or taken over by what it
// reads.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/frame.hpp"

namespace bulkhead {

// By which both ends know that they speak of the same text. Not for security.
std::string config_id(std::string_view text);

class HelperConnection {
  public:
    // `helper`: what it is, for errors. Code::unavailable if there is none, Code::timeout if it is there and
    // hung for so long that no more can wait for it, Code::refused if it is not one of ours.
    static Result<HelperConnection> open(const std::filesystem::path& control, std::string helper);

    // The next state that it sends, the first one on connect: a frame's payload. Code::timeout.
    Result<std::string> state(std::chrono::milliseconds deadline);

    Result<> ask(std::string_view request);

    // Asks it to end by `request`, and kills it if it has not after `patience`. Returns when the process is
    // gone.
    Result<> end(std::string_view request, std::chrono::milliseconds patience);

  private:
    HelperConnection(Fd socket, Fd process, std::string helper)
        : socket_(std::move(socket)), process_(std::move(process)), helper_(std::move(helper)) {}
    Fd socket_;
    Fd process_;  // pidfd: never means another process, as a number may
    std::string helper_;
    FrameReader reader_;
};

}  // namespace bulkhead
