// bulkhead-router: owns one tenant's network namespace, with its legs, firewall, DHCP and DNS. Lives on when
// the partition manager stops; ends when asked on its control socket, or by SIGTERM, and everything of it
// with it.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <span>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/loop.hpp"
#include "vnet/router/process/confinement.hpp"
#include "vnet/router/process/options.hpp"
#include "vnet/router/process/router.hpp"
#include "vnet/router/process/settings.hpp"

namespace {

using namespace bulkhead;

Result<> serve(const vnet::router::Options& options) {
    BULKHEAD_TRY(make_folder(options.folder, 0711));  // dnsmasq is nobody when it reads there
    BULKHEAD_TRY_ASSIGN(auto space, vnet::OwnNetwork::enter());
    BULKHEAD_TRY(vnet::router::settle_namespace());
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    constexpr std::array signals{SIGTERM, SIGINT};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY(vnet::router::confine());
    BULKHEAD_TRY_ASSIGN(const auto router, vnet::router::Router::open(*loop, options, std::move(space)));
    BULKHEAD_TRY(loop->run());
    log::info("ended");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    log::set_program("bulkhead-router");
    const auto options = vnet::router::parse_options(
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
