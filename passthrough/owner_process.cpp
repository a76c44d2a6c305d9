#include "passthrough/owner_process.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "base/log.hpp"

namespace bulkhead::passthrough {
namespace {

Result<> serve(const OwnerProcess& process, const OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    BULKHEAD_TRY_ASSIGN(const auto owner, process.open(*loop, options));
    constexpr std::array signals{SIGTERM, SIGINT};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY(process.confine());
    const auto& assignment = options.assignment;
    log::info("serving", {{"device", assignment.device.str()},
                          {"partition", assignment.partition.str()},
                          {"token", std::to_string(assignment.token)},
                          {"at", assignment.at},
                          {"as", process.describe(options)}});
    BULKHEAD_TRY(loop->run());
    log::info("ended", {{"device", assignment.device.str()}});
    return {};
}

}  // namespace

int run(const OwnerProcess& process, int argc, char** argv) {
    log::set_program(process.name);
    const auto options =
        process.parse(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options) {
        log::error(options.error().text());
        return 2;
    }
    // Fails if we lead a session already, which is as well.
    [[maybe_unused]] const pid_t session = ::setsid();
    std::signal(SIGPIPE, SIG_IGN);
    if (const auto served = serve(process, *options); !served) {
        log::error(served.error().text());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace bulkhead::passthrough
