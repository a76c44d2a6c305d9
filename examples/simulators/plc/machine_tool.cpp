#include "examples/simulators/plc/machine_tool.hpp"

#include <cmath>
#include <numbers>

namespace bulkhead::simulators {
namespace {

constexpr std::chrono::milliseconds time_per_part{12'000};

// A wave around `middle`; periods that share no factor keep the sum from looking like one.
double wave(double seconds, double middle, double height, double period) {
    return middle + height * std::sin(2 * std::numbers::pi * seconds / period);
}

std::uint16_t word(double value) {
    return static_cast<std::uint16_t>(std::lround(value));
}

}  // namespace

std::array<std::uint16_t, register_count> registers_at(std::chrono::milliseconds age) {
    const double t = std::chrono::duration<double>(age).count();
    const auto parts = static_cast<std::uint32_t>(age / time_per_part);
    std::array<std::uint16_t, register_count> values{};
    values[spindle_speed] = word(wave(t, 1480, 12, 17) + wave(t, 0, 4, 3.1));
    // Warms up from 22 to 48 degrees with a time constant of 10 minutes.
    values[temperature] = word(10 * (48 - 26 * std::exp(-t / 600) + wave(t, 0, 0.4, 41)));
    values[parts_low] = static_cast<std::uint16_t>(parts & 0xFFFF);
    values[parts_high] = static_cast<std::uint16_t>(parts >> 16);
    values[feed] = word(wave(t, 850, 60, 12));
    values[spindle_load] = word(wave(t, 420, 90, 12));
    values[vibration] = word(wave(t, 112, 25, 7.3));
    values[coolant_pressure] = word(wave(t, 42, 2, 29));
    values[program] = 1017;
    values[status] = 3;
    return values;
}

}  // namespace bulkhead::simulators
