// The life of a process that owns one device, whatever kind it is, or a line that several have.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/loop.hpp"
#include "passthrough/owner_options.hpp"

namespace bulkhead::passthrough {

// Any process of ours that works devices, once it knows what it is told.
struct Serving {
    // Serves when it returns, and for as long as what it returns lives.
    std::function<Result<std::shared_ptr<void>>(Loop& loop)> open;
    std::function<Result<>()> confine;
    std::function<void(std::string_view)> log;  // "serving", "ended", with what and whom
};
// Lives on when the partition manager stops; ends when asked on its control socket, or by a signal. Returns
// the exit code.
int serve(const Serving& serving);

struct OwnerProcess {
    std::string name;
    std::function<Result<OwnerOptions>(std::span<const char* const> arguments)> parse;
    // Serves when it returns, and for as long as what it returns lives.
    std::function<Result<std::shared_ptr<void>>(Loop& loop, const OwnerOptions& options)> open;
    std::function<Result<>()> confine;
    // What is to be said of its kind of device: 9600 8N1.
    std::function<std::string(const OwnerOptions& options)> describe;
};

// Likewise. 2 for wrong arguments.
int run(const OwnerProcess& process, int argc, char** argv);

}  // namespace bulkhead::passthrough
