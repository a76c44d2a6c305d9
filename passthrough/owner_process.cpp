#include "passthrough/owner_process.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "base/log.hpp"

namespace bulkhead::passthrough {
namespace {

Result<> work(const Serving& serving) {
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    BULKHEAD_TRY_ASSIGN(const auto open, serving.open(*loop));
    constexpr std::array signals{SIGTERM, SIGINT};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY(serving.confine());
    serving.log("serving");
    BULKHEAD_TRY(loop->run());
    serving.log("ended");
    return {};
}

}  // namespace

int serve(const Serving& serving) {
    // Fails if we lead a session already, which is as well.
    [[maybe_unused]] const pid_t session = ::setsid();
    std::signal(SIGPIPE, SIG_IGN);
    if (const auto served = work(serving); !served) {
        log::error(served.error().text());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int run(const OwnerProcess& process, int argc, char** argv) {
    log::set_program(process.name);
    const auto options =
        process.parse(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options) {
        log::error(options.error().text());
        return 2;
    }
    const auto& assignment = options->assignment;
    return serve({.open = [&](Loop& loop) { return process.open(loop, *options); },
                  .confine = process.confine,
                  .log =
                      [&](std::string_view what) {
                          log::info(what, {{"device", assignment.device.str()},
                                           {"partition", assignment.partition.str()},
                                           {"token", std::to_string(assignment.token)},
                                           {"at", assignment.at},
                                           {"as", process.describe(*options)}});
                      }});
}

}  // namespace bulkhead::passthrough
