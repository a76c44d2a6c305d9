// bulkhead-console: the centre of a fleet of gateways.
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include "base/log.hpp"
#include "console/server/centre.hpp"
#include "console/server/commands.hpp"
#include "console/server/http/server.hpp"
#include "console/server/options.hpp"
#include "console/server/rpc_server.hpp"
#include "crypto/join_string.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::console;

sigset_t ending_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
    return set;
}

void tick_until_a_signal(Centre& centre) {
    const auto signals = ending_signals();
    constexpr timespec pause{0, 250'000'000};
    while (::sigtimedwait(&signals, nullptr, &pause) < 0) centre.tick();
}

Result<std::unique_ptr<HttpServer>> open_http(Centre& centre, const ServeOptions& options) {
    BULKHEAD_TRY_ASSIGN(const auto place, crypto::parse_host_port(options.http, "--http"));
    HttpOptions http;
    http.assets = options.web;
    http.address = place.host;
    http.port = place.port;
    if (http.address != "127.0.0.1" && http.address != "localhost" && http.address != "::1") {
        http.certificate = centre.server_chain();
        http.key = centre.server_key();
    }
    return HttpServer::open(centre.fleet(), std::move(http));
}

Result<> serve(const Options& options) {
    const auto signals = ending_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    take_all_descriptors();
    const SystemClock clock;
    BULKHEAD_TRY_ASSIGN(const auto centre, Centre::open(options.state, options.serve, clock));
    BULKHEAD_TRY_ASSIGN(const auto http, open_http(*centre, options.serve));
    if (!centre->first_password().empty())
        std::cout << "Sign in as admin with the password " << centre->first_password()
                  << " (shown this once; a new one: bulkhead-console user reset admin)" << std::endl;
    log::info("serves", {{"grpc", centre->address()}, {"http", http->url()}});
    std::thread web([&] { http->run(); });
    tick_until_a_signal(*centre);
    http->stop();
    web.join();
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    require_tls_1_3();
    const auto parsed = parse_options(argc, argv);
    if (parsed.exit_code >= 0) return parsed.exit_code;
    log::set_program("bulkhead-console");
    const bool serves = parsed.options.verb == Verb::serve;
    const auto done = serves ? serve(parsed.options) : run_command(parsed.options, std::cout, std::cerr);
    if (done) return 0;
    if (serves)
        log::error(done.error().text(), {{"code", std::string(code_name(done.error().code))}});
    else
        std::cerr << "error: " << done.error().text() << "\n";
    return 1;
}
