// plc-simulator --link PATH [--pace]: a PLC as Modbus RTU unit 1 (9600 8N1) on a pseudo-terminal.
#include <modbus.h>
#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "examples/simulators/plc/machine_tool.hpp"
#include "examples/simulators/pty.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::simulators;
using Clock = std::chrono::steady_clock;

constexpr int unit = 1;
// MODBUS over serial line V1.02, 2.5.1: at 9600 bit/s a character of 10 bits takes 1.04 ms, and silence of
// 3.5 characters ends a frame.
constexpr auto character_time = std::chrono::microseconds(1'042);
constexpr auto frame_gap = std::chrono::microseconds(3'646);

struct ContextDeleter {
    void operator()(modbus_t* context) const { modbus_free(context); }
};
struct MappingDeleter {
    void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};

struct Plc {
    std::unique_ptr<modbus_t, ContextDeleter> context;
    std::unique_ptr<modbus_mapping_t, MappingDeleter> mapping;
    Clock::time_point switched_on = Clock::now();
    bool paced = false;
};

struct Arguments {
    std::string link;
    bool paced = false;
};

std::optional<Arguments> parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--pace") {
            arguments.paced = true;
        } else if (word == "--link" && i + 1 < argc) {
            arguments.link = argv[++i];
        } else {
            return std::nullopt;
        }
    }
    return arguments.link.empty() ? std::nullopt : std::optional(arguments);
}

// True if a signal to end came within `time`.
bool ended_within(int signals, std::chrono::microseconds time) {
    pollfd end{signals, POLLIN, 0};
    return ::poll(&end, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count())) > 0;
}

// Answers one request. False to end.
bool answer(Plc& plc, int signals) {
    std::array<std::uint8_t, MODBUS_RTU_MAX_ADU_LENGTH> request{};
    const int length = modbus_receive(plc.context.get(), request.data());
    if (length <= 0) return true;  // noise, or another unit's
    const auto values =
        registers_at(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - plc.switched_on));
    std::ranges::copy(values, plc.mapping->tab_registers);
    // Ten registers make an answer of 25 characters; a paced line is busy for both frames.
    if (plc.paced && ended_within(signals, (length + 25) * character_time + 2 * frame_gap)) return false;
    // Nobody listens any more: the answer is lost, as on a real line.
    modbus_reply(plc.context.get(), request.data(), length, plc.mapping.get());
    return true;
}

int serve(Plc& plc, int line, int signals) {
    while (true) {
        std::array<pollfd, 2> ready{{{line, POLLIN, 0}, {signals, POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) < 0) return EXIT_FAILURE;
        if (ready[1].revents != 0) return EXIT_SUCCESS;
        if (ready[0].revents != 0 && !answer(plc, signals)) return EXIT_SUCCESS;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse(argc, argv);
    if (!arguments) {
        std::fputs("usage: plc-simulator --link PATH [--pace]\n", stderr);
        return 2;
    }
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    const Fd signals(::signalfd(-1, &set, SFD_CLOEXEC));
    const auto pty = Pty::open(arguments->link);
    if (!pty) {
        std::fprintf(stderr, "plc-simulator: %s\n", pty.error().text().c_str());
        return EXIT_FAILURE;
    }
    Plc plc;
    plc.context.reset(modbus_new_rtu(pty->name().c_str(), 9600, 'N', 8, 1));
    plc.mapping.reset(modbus_mapping_new(0, 0, register_count, 0));
    plc.paced = arguments->paced;
    if (!plc.context || !plc.mapping || modbus_set_slave(plc.context.get(), unit) != 0) return EXIT_FAILURE;
    modbus_set_socket(plc.context.get(), pty->fd());
    std::fprintf(stderr, "plc-simulator: unit %d on %s -> %s\n", unit, arguments->link.c_str(),
                 pty->name().c_str());
    return serve(plc, pty->fd(), signals.get());
}
