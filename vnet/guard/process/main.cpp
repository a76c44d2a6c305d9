// bulkhead-guard: stands between the ends of one tenant's guarded conduits, in a network namespace of its
// own. Lives on when the partition manager stops; ends when asked on its control socket, or by SIGTERM, and
// everything of it with it: then nothing passes.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <span>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/loop.hpp"
#include "base/path_options.hpp"
#include "vnet/guard/leg.hpp"
#include "vnet/guard/process/confinement.hpp"
#include "vnet/guard/process/proxy.hpp"
#include "vnet/space/own_network.hpp"

namespace {

using namespace bulkhead;

struct Options {
    std::filesystem::path config;   // what it is to be: model::guard_text()
    std::filesystem::path control;  // the partition manager connects here
    std::filesystem::path folder;   // for batches of ip(8)
};

constexpr std::size_t config_limit = 4 * 1024 * 1024;

// Clients' own ports are mostly above (RFC 6335, 6), so that ours in their names are others.
Result<> settle_namespace() {
    for (const auto& [path, value] :
         {std::pair{"ipv4/conf/all/rp_filter", "0"}, std::pair{"ipv4/conf/default/rp_filter", "0"},
          std::pair{"ipv4/conf/all/accept_redirects", "0"},
          std::pair{"ipv4/conf/default/accept_redirects", "0"}, std::pair{"ipv4/ip_forward", "0"},
          std::pair{"ipv4/ip_unprivileged_port_start", "0"},
          std::pair{"ipv4/ip_local_port_range", "10000 32767"}})
        BULKHEAD_TRY(vnet::write_setting(path, value));
    for (const auto& [path, value] :
         {std::pair{"ipv6/conf/default/accept_ra", "0"}, std::pair{"ipv6/conf/default/disable_ipv6", "0"},
          std::pair{"ipv6/conf/all/forwarding", "0"}})
        BULKHEAD_TRY(vnet::write_setting6(path, value));
    return {};
}

Result<> set_up_network(const Options& options) {
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(options.config, config_limit));
    BULKHEAD_TRY_ASSIGN(const auto guard, model::parse_guard_text(text));
    BULKHEAD_TRY(make_folder(options.folder, 0700));
    BULKHEAD_TRY_ASSIGN(const auto space, vnet::OwnNetwork::enter());
    BULKHEAD_TRY(settle_namespace());
    const auto batch = options.folder / "leg";
    BULKHEAD_TRY(write_file_atomically(batch, vnet::guard::host_batch(guard, space.path()), 0600));
    BULKHEAD_TRY(space.run_batch_in_host(batch));
    BULKHEAD_TRY(write_file_atomically(batch, vnet::guard::own_batch(guard), 0600));
    BULKHEAD_TRY(space.run_batch(batch));
    if (::access("/proc/sys/net/ipv6", F_OK) != 0) return {};
    BULKHEAD_TRY(write_file_atomically(batch, vnet::guard::own_batch6(guard), 0600));
    return space.run_batch6(batch);
}

Result<> serve(const Options& options) {
    BULKHEAD_TRY(set_up_network(options));
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    constexpr std::array signals{SIGTERM, SIGINT};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY_ASSIGN(const auto proxy, vnet::guard::Proxy::open(*loop, options.config, options.control));
    // No byte of a client is read before.
    BULKHEAD_TRY(vnet::guard::confine());
    BULKHEAD_TRY(loop->run());
    log::info("ended");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    log::set_program("bulkhead-guard");
    Options options;
    const auto parsed = parse_path_options(
        std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1),
        {{"--config", &options.config}, {"--control", &options.control}, {"--folder", &options.folder}});
    if (!parsed) {
        log::error(parsed.error().text());
        return 2;
    }
    // Fails if we lead a session already, which is as well.
    [[maybe_unused]] const pid_t session = ::setsid();
    std::signal(SIGPIPE, SIG_IGN);
    if (const auto served = serve(options); !served) {
        log::error(served.error().text());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
