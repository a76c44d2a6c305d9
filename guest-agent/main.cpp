// bulkhead-agent: runs as root in a partition, started by the image's init.
#include <sys/reboot.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iostream>
#include <string_view>

#include "base/log.hpp"
#include "guest-agent/agent.hpp"
#include "guest-agent/application_profile.hpp"
#include "policies/profile.hpp"

namespace {

using namespace bulkhead;
using namespace std::chrono_literals;

constexpr auto usage =
    "usage: bulkhead-agent [--apps FOLDER] [--user NAME|off] [--no-poweroff] [PORT]\n"
    "Speaks with the gateway on PORT, /dev/virtio-ports/org.bulkhead.agent.0 if absent.\n";

struct Arguments {
    agent::Options options;
    bool power_off = true;
    bool good = true;
};

Arguments parse(int count, char** values) {
    Arguments parsed;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = values[i];
        const bool has_value = i + 1 < count;
        if (word == "--no-poweroff")
            parsed.power_off = false;
        else if (word == "--apps" && has_value)
            parsed.options.applications = values[++i];
        else if (word == "--user" && has_value)
            parsed.options.user = values[++i];
        else if (word.starts_with("-"))
            parsed.good = false;
        else
            parsed.options.port = word;
    }
    if (parsed.options.user == "off") parsed.options.user.clear();
    return parsed;
}

Result<> serve(const Arguments& arguments) {
    BULKHEAD_TRY_ASSIGN(const auto profile,
                        policies::parse_profile(agent::application_profile, "application.profile"));
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    const SystemClock clock;
    agent::Agent agent(*loop, clock, arguments.options, profile, [&loop] { loop->stop(); });
    BULKHEAD_TRY(loop->on_signals(std::array{SIGTERM, SIGINT}, [&agent](int) { agent.shut_down(5s); }));
    return loop->run();
}

}  // namespace

int main(int count, char** values) {
    log::set_program("bulkhead-agent");
    ::signal(SIGPIPE, SIG_IGN);
    const Arguments arguments = parse(count, values);
    if (!arguments.good) {
        std::cerr << usage;
        return 2;
    }
    // Memory gets short because of the application: it goes first, so that somebody is left to tell.
    if (::geteuid() == 0) std::ofstream("/proc/self/oom_score_adj") << "-900";
    if (const auto served = serve(arguments); !served) {
        log::error("the agent failed", {{"error", served.error().text()}});
        return 1;
    }
    if (arguments.power_off) {
        ::sync();
        ::reboot(RB_POWER_OFF);
    }
    return 0;
}
