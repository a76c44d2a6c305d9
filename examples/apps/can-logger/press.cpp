#include "press.hpp"

#include <array>
#include <cstdio>

namespace can_logger {
namespace {

struct Signal {
    canid_t id;
    const char* name;
    const char* unit;
};
// Both are unsigned 16 bits, little-endian, in hundredths of their unit.
constexpr std::array<Signal, 2> signals{{{0x181, "force", "kN"}, {0x182, "position", "mm"}}};

}  // namespace

std::optional<std::string> reading_of(const can_frame& frame) {
    if ((frame.can_id & (CAN_EFF_FLAG | CAN_RTR_FLAG | CAN_ERR_FLAG)) != 0 || frame.can_dlc < 2)
        return std::nullopt;
    for (const Signal& signal : signals) {
        if (signal.id != frame.can_id) continue;
        const int hundredths = frame.data[0] | frame.data[1] << 8;
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "0x%03x %s %.1f %s", signal.id, signal.name,
                      hundredths / 100.0, signal.unit);
        return text.data();
    }
    return std::nullopt;
}

}  // namespace can_logger
