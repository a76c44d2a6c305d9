// Carries frames between a guest's interface and the bus, and judges each. Holds one batch of each: what
// comes meanwhile waits in the kernel, up to its bounds, and is counted when it is lost there.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/loop.hpp"
#include "passthrough/can/bus_errors.hpp"
#include "passthrough/can/can_socket.hpp"
#include "passthrough/can/judge.hpp"
#include "passthrough/line_guard.hpp"

namespace bulkhead::passthrough::can {

class Pump {
  public:
    struct Counts {
        std::uint64_t to_bus = 0;  // frames
        std::uint64_t to_guest = 0;
        std::uint64_t lost_to_bus = 0;  // nobody took them in time
        std::uint64_t lost_to_guest = 0;
    };
    struct Events {
        std::function<void()> bus_down;       // it takes no frames: its interface is down
        std::function<void()> state_changed;  // errors().state
    };

    // Both sockets outlive it.
    Pump(Loop& loop, int guest, int bus, model::CanGuard allowed, Events events);
    ~Pump();
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;

    Result<> start();
    // While it is not, what a guest sends is lost: it must not reach the bus late.
    void set_bus_up(bool up);

    void set_gate(Gate gate);
    Gate gate() const { return judge_.gate(); }

    const Counts& counts() const { return counts_; }
    const BusErrors& errors() const { return errors_; }
    GuardCounts guard_counts() const;

  private:
    using Moment = Judge::Moment;

    void on_guest(std::uint32_t events);
    void judge_guests(Moment now);
    void on_bus(std::uint32_t events);
    void hear();
    void send();
    void wait_for_room(int error);
    void give_up();
    void settle();
    void set_interest(int fd, std::uint32_t wanted);
    void note_lost(std::uint64_t& lost, std::uint32_t& seen, std::uint32_t overflown);

    Loop& loop_;
    const int guest_;
    const int bus_;
    Judge judge_;
    const Events events_;
    Batch from_guest_;
    Batch to_bus_;
    Batch from_bus_;
    Batch to_guest_;
    bool up_ = false;
    bool stuck_ = false;  // the last frames found no room in time: no more patience until some do
    Loop::TimerId retry_ = 0;
    bool waits_ = false;  // for room, and the guest is not read
    Moment waits_since_;  // and since when it got nowhere
    std::uint32_t guests_overflow_ = 0;
    std::uint32_t bus_overflow_ = 0;
    Counts counts_;
    BusErrors errors_;
    std::uint64_t passed_ = 0;
    std::uint64_t refused_ = 0;
    struct Refusal {
        FrameId frame;
        Judge::Verdict verdict = Judge::Verdict::no_rule;
    };
    std::optional<Refusal> last_;
};

}  // namespace bulkhead::passthrough::can
