#include "passthrough/can/pump.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace bulkhead::passthrough::can {
namespace {

using namespace std::chrono_literals;

// A frame that is older than this is of no use to a machine any more; at 10 kbit/s a frame takes 15 ms.
constexpr std::chrono::milliseconds patience = 100ms;
// A frame takes that long on a bus of 125 kbit/s. The kernel does not tell when a full queue of an interface
// has room again.
constexpr std::chrono::milliseconds pause = 1ms;

FrameId id_of(const can_frame& frame) {
    const bool extended = (frame.can_id & CAN_EFF_FLAG) != 0;
    return {frame.can_id & (extended ? CAN_EFF_MASK : CAN_SFF_MASK), extended};
}

bool is_down(int error) {
    return error == ENETDOWN || error == ENODEV || error == ENXIO;
}

}  // namespace

Pump::Pump(Loop& loop, int guest, int bus, model::CanGuard allowed, Events events)
    : loop_(loop), guest_(guest), bus_(bus), judge_(std::move(allowed)), events_(std::move(events)) {
}

Pump::~Pump() {
    loop_.cancel(retry_);
    loop_.unwatch(guest_);
    loop_.unwatch(bus_);
}

Result<> Pump::start() {
    BULKHEAD_TRY(loop_.watch(guest_, EPOLLIN, [this](std::uint32_t events) { on_guest(events); }));
    return loop_.watch(bus_, EPOLLIN, [this](std::uint32_t events) { on_bus(events); });
}

void Pump::set_bus_up(bool up) {
    up_ = up;
    stuck_ = false;
    if (!up) give_up();
}

void Pump::set_gate(Gate gate) {
    judge_.set_gate(gate);
    if (gate != Gate::open) give_up();
}

// Of a counter of the kernel's, which begins with the socket.
void Pump::note_lost(std::uint64_t& lost, std::uint32_t& seen, std::uint32_t overflown) {
    lost += overflown - seen;
    seen = overflown;
}

void Pump::on_guest(std::uint32_t events) {
    // An error is told until somebody takes it, also to who wants to know nothing now.
    if ((events & EPOLLERR) != 0) take_error(guest_);
    if (waits_ || from_guest_.receive(guest_) != 0) return;
    note_lost(counts_.lost_to_bus, guests_overflow_, from_guest_.overflown());
    judge_guests(std::chrono::steady_clock::now());
    send();
}

void Pump::judge_guests(Moment now) {
    to_bus_.clear();
    for (const auto& frame : from_guest_.frames()) {
        const auto id = id_of(frame);
        const auto verdict = judge_.send(id, now);
        if (verdict == Judge::Verdict::passes) {
            ++passed_;
            to_bus_.add(frame);
            continue;
        }
        ++refused_;
        last_ = {id, verdict};
    }
}

void Pump::on_bus(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) send();
    if ((events & (EPOLLIN | EPOLLERR)) != 0) hear();
}

void Pump::hear() {
    const int error = from_bus_.receive(bus_);
    if (is_down(error)) return events_.bus_down();
    if (error != 0) return;
    note_lost(counts_.lost_to_guest, bus_overflow_, from_bus_.overflown());
    bool changed = false;
    to_guest_.clear();
    for (const auto& frame : from_bus_.frames())
        if ((frame.can_id & CAN_ERR_FLAG) != 0)
            changed = errors_.note(frame) || changed;
        else if (judge_.gate() != Gate::closed)
            to_guest_.add(frame);
    const auto heard = to_guest_.size();
    // An interface without hardware takes all that it is given at once, if it is there at all.
    to_guest_.send(guest_);
    counts_.lost_to_guest += to_guest_.size();
    counts_.to_guest += heard - to_guest_.size();
    if (changed) events_.state_changed();
}

void Pump::send() {
    if (to_bus_.empty()) return settle();
    if (!up_) return give_up();
    const auto before = to_bus_.size();
    const int error = to_bus_.send(bus_);
    const auto sent = before - to_bus_.size();
    counts_.to_bus += sent;
    if (sent > 0) stuck_ = false;
    if (to_bus_.empty()) return settle();
    if (sent > 0) waits_since_ = std::chrono::steady_clock::now();
    if (is_down(error)) {
        give_up();
        return events_.bus_down();
    }
    wait_for_room(error);
}

// Meanwhile the guest is not read: what it sends waits in its own interface's queue.
void Pump::wait_for_room(int error) {
    const auto now = std::chrono::steady_clock::now();
    if (!std::exchange(waits_, true)) waits_since_ = now;
    if (stuck_ || now - waits_since_ >= patience) {
        stuck_ = true;
        return give_up();
    }
    set_interest(guest_, 0);
    // Our own share of the queue is full (EAGAIN), or the interface's is (ENOBUFS).
    const bool told = error == EAGAIN;
    set_interest(bus_, told ? EPOLLIN | EPOLLOUT : EPOLLIN);
    loop_.cancel(retry_);
    retry_ = loop_.after(told ? patience : pause, [this] {
        retry_ = 0;
        send();
    });
}

void Pump::give_up() {
    counts_.lost_to_bus += to_bus_.size();
    to_bus_.clear();
    settle();
}

// Nothing waits: the guest may say more.
void Pump::settle() {
    if (!std::exchange(waits_, false)) return;
    loop_.cancel(retry_);
    retry_ = 0;
    set_interest(guest_, EPOLLIN);
    set_interest(bus_, EPOLLIN);
}

void Pump::set_interest(int fd, std::uint32_t wanted) {
    // Changing what a watched fd is watched for fails only if it is not watched: a defect, seen by tests.
    [[maybe_unused]] const auto changed = loop_.rewatch(fd, wanted);
}

GuardCounts Pump::guard_counts() const {
    return {passed_, refused_, 0, last_ ? words(last_->frame, last_->verdict) : std::string()};
}

}  // namespace bulkhead::passthrough::can
