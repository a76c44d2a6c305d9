// Which frames a partition may send to a CAN bus and hear from it: the one judge of these rules, whoever
// carries the frames.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "model/can.hpp"
#include "passthrough/gate.hpp"

namespace bulkhead::passthrough::can {

struct FrameId {
    std::uint32_t id = 0;
    bool extended = false;
    bool operator==(const FrameId&) const = default;
};

// 0x201, 0x18fee500.
std::string words(const FrameId& frame);

class Judge {
  public:
    using Moment = std::chrono::steady_clock::time_point;
    enum class Verdict : std::uint8_t { passes, no_rule, above_rate, not_trusted };

    explicit Judge(model::CanGuard allowed) : allowed_(std::move(allowed)), full_(allowed_.allow.size()) {}

    // Whatever the rules say. Open at first.
    void set_gate(Gate gate) { gate_ = gate; }
    Gate gate() const { return gate_; }

    // The first rule that fits decides, and its rate counts what passes. Allocates nothing.
    Verdict send(const FrameId& frame, Moment now);
    bool hears(const FrameId& frame) const;
    const model::CanGuard& allowed() const { return allowed_; }

  private:
    bool is_within_rate(std::size_t rule, Moment now);

    const model::CanGuard allowed_;
    Gate gate_ = Gate::open;
    std::vector<Moment> full_;  // of each rule: when its budget is whole again
};

// "send 0x201: no rule allows it".
std::string words(const FrameId& frame, Judge::Verdict verdict);

}  // namespace bulkhead::passthrough::can
