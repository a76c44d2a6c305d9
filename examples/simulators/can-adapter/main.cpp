// can-adapter-simulator --link PATH: a CAN adapter that speaks SLCAN on a pseudo-terminal, with a press on
// its bus.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/loop.hpp"
#include "examples/simulators/can-adapter/adapter.hpp"
#include "examples/simulators/can-adapter/press.hpp"
#include "examples/simulators/pty.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::simulators;
using Clock = std::chrono::steady_clock;

class Simulator {
  public:
    Simulator(Loop& loop, Pty pty)
        : loop_(loop), pty_(std::move(pty)), adapter_([this](const CanFrame& frame) { occupy_bus(frame); }) {}

    Result<> start() {
        BULKHEAD_TRY(loop_.watch(pty_.fd(), EPOLLIN, [this](std::uint32_t events) { on_ready(events); }));
        play();
        return {};
    }

  private:
    void on_ready(std::uint32_t events) {
        std::array<char, 512> bytes{};
        const ssize_t got = (events & EPOLLIN) != 0 ? ::read(pty_.fd(), bytes.data(), bytes.size()) : 0;
        if (got > 0) say(adapter_.feed({bytes.data(), static_cast<std::size_t>(got)}));
        flush();
    }

    // Whole answers and frames or nothing: half a frame would spoil the next one.
    void say(std::string_view text) {
        if (pending_.size() + text.size() > most_pending) return;
        pending_ += text;
    }

    void flush() {
        const ssize_t put = pending_.empty() ? 0 : ::write(pty_.fd(), pending_.data(), pending_.size());
        if (put > 0) pending_.erase(0, static_cast<std::size_t>(put));
        [[maybe_unused]] const auto changed =
            loop_.rewatch(pty_.fd(), pending_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
    }

    void occupy_bus(const CanFrame& frame) {
        bus_free_ = std::max(bus_free_, Clock::now()) + time_on_bus(frame, adapter_.bits_per_second());
    }

    // The press goes on whether or not anybody listens. One frame at a time, each when the bus is free.
    void play() {
        const auto now = Clock::now();
        if (now >= bus_free_)
            if (const auto frame = press_.next(age(now)); frame && adapter_.is_open()) {
                occupy_bus(*frame);
                say(encode_slcan(*frame) + '\r');
                flush();
            }
        const auto wait = std::max<Clock::duration>(press_.due() - age(now), bus_free_ - now);
        loop_.after(std::clamp(std::chrono::ceil<std::chrono::milliseconds>(wait),
                               std::chrono::milliseconds(0), std::chrono::milliseconds(1000)),
                    [this] { play(); });
    }

    std::chrono::milliseconds age(Clock::time_point now) const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(now - switched_on_);
    }

    static constexpr std::size_t most_pending = 4096;
    Loop& loop_;
    Pty pty_;
    Adapter adapter_;
    Press press_;
    std::string pending_;
    Clock::time_point switched_on_ = Clock::now();
    Clock::time_point bus_free_ = switched_on_;
};

Result<> simulate(const char* link) {
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    constexpr std::array signals{SIGTERM, SIGINT, SIGHUP};
    BULKHEAD_TRY(loop->on_signals(signals, [&](int) { loop->stop(); }));
    BULKHEAD_TRY_ASSIGN(Pty pty, Pty::open(link));
    std::fprintf(stderr, "can-adapter-simulator: %s -> %s\n", link, pty.name().c_str());
    Simulator simulator(*loop, std::move(pty));
    BULKHEAD_TRY(simulator.start());
    return loop->run();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--link") {
        std::fputs("usage: can-adapter-simulator --link PATH\n", stderr);
        return 2;
    }
    if (const auto simulated = simulate(argv[2]); !simulated) {
        std::fprintf(stderr, "can-adapter-simulator: %s\n", simulated.error().text().c_str());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
