// bulkhead-serial: owns one serial line and serves it to one virtual machine. Lives on when the partition
// manager stops; ends when asked on its control socket, or by SIGTERM.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "base/log.hpp"
#include "base/loop.hpp"
#include "passthrough/serial/confinement.hpp"
#include "passthrough/serial/options.hpp"
#include "passthrough/serial/owner.hpp"

namespace {

using namespace bulkhead;

Result<> serve(const passthrough::OwnerOptions& options) {
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    BULKHEAD_TRY_ASSIGN(const auto owner, passthrough::serial::Owner::open(*loop, options));
    constexpr std::array signals{SIGTERM, SIGINT};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY(passthrough::serial::confine());
    log::info("serving", {{"device", options.assignment.device.str()},
                          {"partition", options.assignment.partition.str()},
                          {"token", std::to_string(options.assignment.token)},
                          {"at", options.assignment.at},
                          {"line", model::to_string(options.assignment.line)}});
    BULKHEAD_TRY(loop->run());
    log::info("ended", {{"device", options.assignment.device.str()}});
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    log::set_program("bulkhead-serial");
    const auto options = passthrough::serial::parse_options(
        std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options) {
        log::error(options.error().text());
        return 2;
    }
    // Fails if we lead a session already, which is as well.
    [[maybe_unused]] const pid_t session = ::setsid();
    std::signal(SIGPIPE, SIG_IGN);
    if (const auto served = serve(*options); !served) {
        log::error(served.error().text());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
