// What could come next on a command line. The shells' scripts ask `bulkhead __complete`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace bulkhead::cli {

struct Candidate {
    std::string word;
    std::string says;  // for shells that show it
    bool operator==(const Candidate&) const = default;
};

struct Completion {
    std::vector<Candidate> candidates;
    bool files = false;  // the shell's own completion of file names
};

// Names of a kind as they are now; empty if nobody knows.
using LiveNames = std::function<std::vector<Candidate>(Values)>;

// `words` after the program's name; the last one is being typed and may be empty.
Completion complete(const std::vector<Command>& commands, const std::vector<std::string>& words,
                    const LiveNames& live);

// The script for "bash" or "zsh".
std::string completion_script(const std::string& shell);

}  // namespace bulkhead::cli
