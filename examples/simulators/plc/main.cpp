// plc-simulator --link PATH [--pace]: a PLC as Modbus RTU unit 1 (9600 8N1) on a pseudo-terminal.
// plc-simulator --tcp ADDRESS:PORT: the same one as a server of Modbus over TCP.
#include <modbus.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "examples/simulators/plc/machine_tool.hpp"
#include "examples/simulators/pty.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::simulators;
using Clock = std::chrono::steady_clock;

constexpr int unit = 1;
constexpr std::size_t most_clients = 16;
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
    std::string address;  // of TCP
    int port = 0;
    bool paced = false;
    bool complete() const { return link.empty() ? port > 0 && !paced : port == 0; }
};

// ADDRESS:PORT
bool read_endpoint(const std::string& text, Arguments& arguments) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return false;
    arguments.address = text.substr(0, colon);
    const char* const end = text.c_str() + text.size();
    const auto [last, error] = std::from_chars(text.c_str() + colon + 1, end, arguments.port);
    return error == std::errc() && last == end && arguments.port > 0 && arguments.port <= 65535;
}

std::optional<Arguments> parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--pace") {
            arguments.paced = true;
        } else if (word == "--link" && i + 1 < argc) {
            arguments.link = argv[++i];
        } else if (word == "--tcp" && i + 1 < argc) {
            if (!read_endpoint(argv[++i], arguments)) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return arguments.complete() ? std::optional(arguments) : std::nullopt;
}

// True if a signal to end came within `time`.
bool ended_within(int signals, std::chrono::microseconds time) {
    pollfd end{signals, POLLIN, 0};
    return ::poll(&end, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count())) > 0;
}

enum class Outcome { answered, no_request, ended };

// Answers one request.
Outcome answer(Plc& plc, int signals) {
    std::array<std::uint8_t, MODBUS_MAX_ADU_LENGTH> request{};
    const int length = modbus_receive(plc.context.get(), request.data());
    if (length <= 0) return Outcome::no_request;  // noise, another unit's, or the end of a connection
    const auto values =
        registers_at(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - plc.switched_on));
    std::ranges::copy(values, plc.mapping->tab_registers);
    // Ten registers make an answer of 25 characters; a paced line is busy for both frames.
    if (plc.paced && ended_within(signals, (length + 25) * character_time + 2 * frame_gap))
        return Outcome::ended;
    // Nobody listens any more: the answer is lost, as on a real line.
    modbus_reply(plc.context.get(), request.data(), length, plc.mapping.get());
    return Outcome::answered;
}

int serve_line(Plc& plc, int line, int signals) {
    while (true) {
        std::array<pollfd, 2> ready{{{line, POLLIN, 0}, {signals, POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) < 0) return EXIT_FAILURE;
        if (ready[1].revents != 0) return EXIT_SUCCESS;
        if (ready[0].revents != 0 && answer(plc, signals) == Outcome::ended) return EXIT_SUCCESS;
    }
}

// Any number of requests on each connection, and one client after the other.
int serve_clients(Plc& plc, int listener, int signals) {
    std::vector<Fd> clients;
    while (true) {
        std::vector<pollfd> ready{{signals, POLLIN, 0},
                                  {clients.size() < most_clients ? listener : -1, POLLIN, 0}};
        for (const Fd& client : clients) ready.push_back({client.get(), POLLIN, 0});
        if (::poll(ready.data(), ready.size(), -1) < 0) return EXIT_FAILURE;
        if (ready[0].revents != 0) return EXIT_SUCCESS;
        std::vector<Fd> left;
        for (std::size_t i = 0; i < clients.size(); ++i) {
            modbus_set_socket(plc.context.get(), clients[i].get());
            if (ready[i + 2].revents == 0 || answer(plc, signals) == Outcome::answered)
                left.push_back(std::move(clients[i]));
        }
        clients = std::move(left);
        if (ready[1].revents == 0) continue;
        if (Fd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); client.get() >= 0)
            clients.push_back(std::move(client));
    }
}

int serve_line(Plc& plc, const std::string& link, int signals) {
    const auto pty = Pty::open(link);
    if (!pty) {
        std::fprintf(stderr, "plc-simulator: %s\n", pty.error().text().c_str());
        return EXIT_FAILURE;
    }
    plc.context.reset(modbus_new_rtu(pty->name().c_str(), 9600, 'N', 8, 1));
    if (!plc.context || modbus_set_slave(plc.context.get(), unit) != 0) return EXIT_FAILURE;
    modbus_set_socket(plc.context.get(), pty->fd());
    std::fprintf(stderr, "plc-simulator: unit %d on %s -> %s\n", unit, link.c_str(), pty->name().c_str());
    return serve_line(plc, pty->fd(), signals);
}

int serve_tcp(Plc& plc, const std::string& address, int port, int signals) {
    plc.context.reset(modbus_new_tcp(address.c_str(), port));
    if (!plc.context) return EXIT_FAILURE;
    const Fd listener(modbus_tcp_listen(plc.context.get(), most_clients));
    if (listener.get() < 0) {
        std::fprintf(stderr, "plc-simulator: can't listen at %s:%d: %s\n", address.c_str(), port,
                     std::system_category().message(errno).c_str());
        return EXIT_FAILURE;
    }
    std::fprintf(stderr, "plc-simulator: Modbus over TCP at %s:%d\n", address.c_str(), port);
    return serve_clients(plc, listener.get(), signals);
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse(argc, argv);
    if (!arguments) {
        std::fputs("usage: plc-simulator --link PATH [--pace] | --tcp ADDRESS:PORT\n", stderr);
        return 2;
    }
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    const Fd signals(::signalfd(-1, &set, SFD_CLOEXEC));
    Plc plc;
    plc.mapping.reset(modbus_mapping_new(0, 0, register_count, 0));
    plc.paced = arguments->paced;
    if (!plc.mapping) return EXIT_FAILURE;
    return arguments->link.empty() ? serve_tcp(plc, arguments->address, arguments->port, signals.get())
                                   : serve_line(plc, arguments->link, signals.get());
}
