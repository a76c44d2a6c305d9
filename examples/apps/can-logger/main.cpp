// can-logger: listens to a press on a CAN bus and says, at most once a second, the force that it reads.
//
// Lines on stdout for Bulkhead's agent: "reading: TEXT", "degraded: TEXT", "ok".
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include "can_socket.hpp"
#include "press.hpp"

namespace {

using namespace can_logger;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 5s;
constexpr auto report_period = 1s;
constexpr canid_t reported = 0x181;

void print(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

class Logger {
  public:
    explicit Logger(std::string interface) : interface_(std::move(interface)) {}

    [[noreturn]] void run() {
        while (true) {
            if (!socket_.is_open() && !socket_.open(interface_)) {
                wait_for_interface();
            } else {
                listen();
            }
            complain_if_silent();
        }
    }

  private:
    void wait_for_interface() {
        const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(pause_).count();
        const timespec time{count / 1'000'000'000, count % 1'000'000'000};
        ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
        pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, 2s);
    }

    void listen() {
        pause_ = 100ms;
        can_frame frame{};
        switch (socket_.receive(frame, 500ms)) {
            case CanSocket::Outcome::frame:
                on_frame(frame);
                break;
            case CanSocket::Outcome::broken:
                socket_.close();
                wait_for_interface();
                break;
            case CanSocket::Outcome::nothing:
                break;
        }
    }

    void on_frame(const can_frame& frame) {
        last_frame_ = Clock::now();
        if (std::exchange(degraded_, false)) print("ok");
        if (frame.can_id != reported || last_frame_ < next_report_) return;
        next_report_ = last_frame_ + report_period;
        if (const auto text = reading_of(frame); text && *text != reading_) {
            reading_ = *text;
            print("reading: " + reading_);
        }
    }

    void complain_if_silent() {
        if (degraded_ || Clock::now() - last_frame_ < patience) return;
        degraded_ = true;
        print("degraded: no frame on " + interface_ + " for " + std::to_string(patience.count()) + " s");
    }

    std::string interface_;
    CanSocket socket_;
    std::chrono::milliseconds pause_ = 100ms;
    Clock::time_point last_frame_ = Clock::now();
    Clock::time_point next_report_;
    std::string reading_;
    bool degraded_ = false;
};

}  // namespace

int main() {
    const char* const name = std::getenv("BULKHEAD_CAN");
    Logger(name == nullptr || *name == '\0' ? "slcan0" : name).run();
}
