#include "examples/simulators/can-adapter/press.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bulkhead::simulators {
namespace {

using namespace std::chrono_literals;
constexpr auto data_period = 20ms;
constexpr auto heartbeat_period = 1000ms;
constexpr auto stroke_time = 2700ms;
constexpr double depth = 180;        // mm, the whole stroke
constexpr double contact = 0.72;     // of the depth: here the tool meets the sheet
constexpr double idle_force = 0.35;  // kN, friction

CanFrame word_frame(std::uint32_t id, double hundredths) {
    const auto value = static_cast<unsigned>(std::clamp(std::lround(hundredths), 0L, 0xFFFFL));
    return CanFrame{.id = id,
                    .length = 2,
                    .data{static_cast<std::uint8_t>(value & 0xFF), static_cast<std::uint8_t>(value >> 8)}};
}

bool take(std::chrono::milliseconds& due, std::chrono::milliseconds age, std::chrono::milliseconds period) {
    if (age < due) return false;
    due += period * ((age - due) / period + 1);
    return true;
}

}  // namespace

Stroke stroke_at(std::chrono::milliseconds age) {
    const auto number = static_cast<double>(age / stroke_time);
    const double phase =
        static_cast<double>((age % stroke_time).count()) / static_cast<double>(stroke_time.count());
    const double travel = (1 - std::cos(2 * std::numbers::pi * phase)) / 2;  // a crank's
    // No two sheets are alike: the peak differs by a few per cent from stroke to stroke.
    const double peak = 12.4 + 0.3 * std::sin(number * 2.4);
    const double pressed = std::max(0.0, (travel - contact) / (1 - contact));
    return {idle_force + (peak - idle_force) * std::sqrt(pressed), depth * travel};
}

std::optional<CanFrame> Press::next(std::chrono::milliseconds age) {
    if (take(heartbeat_due_, age, heartbeat_period))
        return CanFrame{.id = heartbeat_id, .length = 1, .data{5}};
    if (take(force_due_, age, data_period)) return word_frame(force_id, stroke_at(age).force * 100);
    if (take(position_due_, age, data_period)) return word_frame(position_id, stroke_at(age).position * 100);
    return std::nullopt;
}

std::chrono::milliseconds Press::due() const {
    return std::min({force_due_, position_due_, heartbeat_due_});
}

}  // namespace bulkhead::simulators
