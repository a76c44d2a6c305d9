// Judges requests: whatever no rule allows is refused, with the exception that a server of the field would
// answer, and counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "modbus/request.hpp"
#include "model/guard_counts.hpp"
#include "model/modbus.hpp"

namespace bulkhead::modbus {

using Moment = std::chrono::steady_clock::time_point;

class Guard {
  public:
    explicit Guard(model::ModbusGuard allowed) : allowed_(std::move(allowed)) {}

    // Nothing: it may pass. `unit` 0 is everybody (broadcast), which a rule must name like any other.
    std::optional<Exception> judge(std::uint8_t unit, std::span<const std::byte> pdu, Moment now);
    // Whether requests that change something are refused, whatever the rules say.
    void set_read_only(bool read_only) { read_only_ = read_only; }
    void count_broken(const std::string& why);
    // What was not even a request, and may not be.
    void count_refused(const std::string& why);

    const model::GuardCounts& counts() const { return counts_; }

  private:
    std::optional<Exception> refusal(std::uint8_t unit, std::span<const std::byte> pdu, Moment now);
    bool is_within_rate(Moment now);

    model::ModbusGuard allowed_;
    bool read_only_ = false;
    model::GuardCounts counts_;
    Moment full_;  // when the bucket of requests will be full again (GCRA, ITU-T I.371)
};

}  // namespace bulkhead::modbus
