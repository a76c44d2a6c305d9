// bench-fleet enrol STATE FOLDER HOST:PORT N: writes N gateways into a console's database, their identities
// into FOLDER. bench-fleet connect FOLDER N AT_ONCE: connects them, prints one line of JSON, holds the lines
// until its input ends, and prints another: how many still stood.
#include <pthread.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "benchmarks/fleet/crowd.hpp"
#include "benchmarks/fleet/enrolled.hpp"

namespace {

using namespace bulkhead;

constexpr std::size_t stack_size = std::size_t{512} * 1024;  // there are two threads for each gateway

Result<> connect(const std::string& folder, std::size_t gateways, std::ptrdiff_t at_once) {
    benchmarks::Crowd crowd(folder, at_once);
    BULKHEAD_TRY(crowd.open(gateways));
    const auto begin = std::chrono::steady_clock::now();
    crowd.connect();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto connected = crowd.connected();
    std::printf(R"({"connected": %zu, "seconds": %.3f, "per_second": %.2f})"
                "\n",
                connected, seconds, static_cast<double>(connected) / seconds);
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
    std::printf("{\"connected\": %zu}\n", crowd.connected());
    return {};
}

Result<> run(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "enrol" && argc == 6)
        return benchmarks::enrol({argv[2], argv[3], argv[4], std::strtoul(argv[5], nullptr, 10)});
    if (verb == "connect" && argc == 5)
        return connect(argv[2], std::strtoul(argv[3], nullptr, 10), std::strtol(argv[4], nullptr, 10));
    return fail(Code::invalid, "these are no arguments", "bench-fleet",
                "enrol STATE FOLDER HOST:PORT N, or connect FOLDER N AT_ONCE");
}

// So that nothing ends before the console does.
void take_all_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    take_all_descriptors();
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    ::pthread_setattr_default_np(&attributes);
    ::pthread_attr_destroy(&attributes);
    const auto done = run(argc, argv);
    if (!done) std::fprintf(stderr, "bench-fleet: %s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
