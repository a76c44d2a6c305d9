// The machine behind the simulated PLC: ten holding registers that move as a spindle at work moves them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace bulkhead::simulators {

enum Register : std::uint8_t {
    spindle_speed,     // rpm
    temperature,       // 0.1 degree Celsius
    parts_low,         // parts made, low word
    parts_high,        // and high word
    feed,              // mm/min
    spindle_load,      // 0.1 %
    vibration,         // 0.01 mm/s (ISO 20816 velocity)
    coolant_pressure,  // 0.1 bar
    program,           // number of the part program
    status,            // bit 0: running, bit 1: coolant on
    register_count,
};

// What the registers read `age` after the machine was switched on. The same age gives the same values.
std::array<std::uint16_t, register_count> registers_at(std::chrono::milliseconds age);

}  // namespace bulkhead::simulators
