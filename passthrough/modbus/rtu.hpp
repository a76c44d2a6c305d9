// Modbus RTU from a guest to the line, request by request (MODBUS over Serial Line V1.02, 2.5.1): one that
// may not pass never begins on the line.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "modbus/guard.hpp"
#include "passthrough/line_guard.hpp"
#include "passthrough/modbus/request_frames.hpp"

namespace bulkhead::passthrough::modbus {

static_assert(longest_frame <= LineGuard::most_held);

class Rtu final : public LineGuard {
  public:
    explicit Rtu(model::ModbusGuard allowed) : guard_(std::move(allowed)) {}

    Passed from_guest(std::span<const std::byte> bytes, Moment now) override;
    Passed on_silence(Moment now) override;
    bool waits_for_silence() const override { return size_ != 0 || lost_; }
    // Frames end with 3.5 characters of silence (2.5.1.1). A guest's bytes come over an emulated UART and a
    // socket, with pauses of that size within a frame; this long there are none.
    std::chrono::milliseconds silence() const override { return std::chrono::milliseconds(50); }
    void set_receive_only(bool receive_only) override { guard_.set_read_only(receive_only); }
    void forget() override;
    const GuardCounts& counts() const override { return guard_.counts(); }

  private:
    std::span<const std::byte> held() const { return std::span(held_).first(size_); }
    void end_frame(std::size_t length, Moment now, Passed& passed);
    void lose(const std::string& why);

    bulkhead::modbus::Guard guard_;
    std::array<std::byte, longest_frame> held_{};
    std::size_t size_ = 0;
    bool lost_ = false;  // where frames begin; the next silence tells
};

}  // namespace bulkhead::passthrough::modbus
