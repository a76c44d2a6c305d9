// Runs the command as a shell would: over pipes, or on a terminal of its own.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/fd.hpp"

namespace bulkhead::cli {

struct Ended {
    int exit = -1;  // -1: died of `signal`
    int signal = 0;
    std::string out;  // on a terminal: all that it showed
    std::string err;
};

// The command's own path, from BULKHEAD_BINARY.
std::string binary();

class Process {
  public:
    using Words = std::vector<std::string>;

    // `socket` goes into BULKHEAD_SOCKET.
    static Process on_pipes(const Words& words, const std::string& socket, const std::string& input = {});
    static Process on_terminal(const Words& words, const std::string& socket);

    // Blocks until all streams ended, and the process did.
    Ended wait();
    // Blocks until stdout or stderr (a terminal: either) holds `text`; false if it ended without.
    bool wait_for(const std::string& text);
    void type(const std::string& text);
    void kill(int signal) const;
    // Of the terminal, as it is now.
    bool is_raw() const;

  private:
    bool read_some();

    pid_t pid_ = -1;
    Fd out_;  // a terminal: its master
    Fd err_;
    Fd slave_;  // keeps the terminal's settings readable after the process
    std::string out_text_;
    std::string err_text_;
};

}  // namespace bulkhead::cli
