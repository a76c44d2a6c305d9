#pragma once

#include <string>

#include "model/serial_line.hpp"

namespace bulkhead::model {

// What a guest has to know of its serial line: "9600 8N1". Who turns the line around, and whose turn it is,
// is the host's business: the guest's UART knows neither.
std::string guest_setting(SerialLine line);

}  // namespace bulkhead::model
