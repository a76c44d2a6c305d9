// Judges requests: whatever no rule allows is refused, with the exception that a server of the field would
// answer, and counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "model/modbus.hpp"
#include "passthrough/line_guard.hpp"
#include "passthrough/modbus/request.hpp"

namespace bulkhead::passthrough::modbus {

using Moment = LineGuard::Moment;

class Guard {
  public:
    explicit Guard(model::ModbusGuard allowed) : allowed_(std::move(allowed)) {}

    // Nothing: it may pass. `unit` 0 is everybody (broadcast), which a rule must name like any other.
    std::optional<Exception> judge(std::uint8_t unit, std::span<const std::byte> pdu, Moment now);
    void count_broken(const std::string& why);

    const GuardCounts& counts() const { return counts_; }

  private:
    std::optional<Exception> refusal(std::uint8_t unit, std::span<const std::byte> pdu, Moment now);
    bool is_within_rate(Moment now);

    model::ModbusGuard allowed_;
    GuardCounts counts_;
    Moment full_;  // when the bucket of requests will be full again (GCRA, ITU-T I.371)
};

}  // namespace bulkhead::passthrough::modbus
