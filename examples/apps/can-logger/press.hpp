// What this press's frames mean, by its manual.
#pragma once

#include <linux/can.h>

#include <optional>
#include <string>

namespace can_logger {

// "0x181 force 12.4 kN", "0x182 position 83.1 mm"; nothing for frames that carry no reading.
std::optional<std::string> reading_of(const can_frame& frame);

}  // namespace can_logger
