// Moves bytes between the device and the guest: one fixed buffer per direction, and nobody is read while
// there is no room. What a line does with nothing plugged in, this does too: bytes vanish at the line's own
// speed. So a device that comes back never gets commands of the past.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/loop.hpp"
#include "model/serial_line.hpp"
#include "passthrough/line_guard.hpp"

namespace bulkhead::passthrough::serial {

class Pump {
  public:
    struct Events {
        std::function<void(std::string reason)> device_lost;
        std::function<void()> guest_left;
    };

    // Without a guard all that the guest says goes on.
    Pump(Loop& loop, const model::SerialLine& line, std::unique_ptr<LineGuard> guard, Events events);
    ~Pump();
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;

    // Non-blocking fds that stay open until they are detached. A new guest starts with empty buffers.
    Result<> attach_device(int fd);
    Result<> attach_guest(int fd);
    void detach_device();
    void detach_guest();

    // Then a guard lets through what changes nothing; without one nothing of the guest's goes on.
    void set_receive_only(bool receive_only);

    std::uint64_t to_device_bytes() const { return to_device_.delivered; }
    std::uint64_t to_guest_bytes() const { return to_guest_.delivered; }
    // Null without a guard.
    const GuardCounts* guard_counts() const { return guard_ ? &guard_->counts() : nullptr; }

  private:
    struct Buffer {
        std::array<std::byte, 4096> bytes{};
        std::size_t size = 0;
        std::uint64_t delivered = 0;
        bool empty() const { return size == 0; }
        bool full() const { return size == bytes.size(); }
        std::size_t room() const { return bytes.size() - size; }
        void clear() { size = 0; }
        void append(std::span<const std::byte> more);
    };
    struct End {
        int fd = -1;
        std::uint32_t interest = 0;
    };
    enum class Outcome { fine, ended };

    void on_device(std::uint32_t events);
    void on_guest(std::uint32_t events);
    Outcome fill(const End& from, Buffer& buffer, bool sink_there);
    static Outcome drain(const End& to, Buffer& buffer);
    Outcome fill_past_guard();
    Outcome hear_past_guard();
    void pass(const LineGuard::Passed& passed);
    void expect_silence();
    bool has_room_for_guest() const;
    bool has_room_for_line() const;
    void forget_guest_bytes();
    void swallow_at_line_speed(std::size_t count);
    void update_interest();
    void set_interest(End& end, bool read, bool write);

    Loop& loop_;
    std::uint64_t bytes_per_second_;
    std::unique_ptr<LineGuard> guard_;
    Events events_;
    End device_;
    End guest_;
    Buffer to_device_;
    Buffer to_guest_;
    bool mute_ = false;        // nothing of the guest's goes on
    bool swallowing_ = false;  // the guest's bytes wait for the time that a line would have needed
    Loop::TimerId swallow_timer_ = 0;
    Loop::TimerId silence_timer_ = 0;
};

}  // namespace bulkhead::passthrough::serial
