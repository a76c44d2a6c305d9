// From the words of the shell to an Invocation. The only module that knows the argument parser's library.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace bulkhead::cli {

struct Parsed {
    const Command* command = nullptr;  // nullptr: help for the whole, or --version
    Invocation args;                   // global options too
};

// `words` without the program's name. Errors have Exit::usage.
Outcome<Parsed> parse(const std::vector<Command>& commands, const std::vector<std::string>& words);

}  // namespace bulkhead::cli
