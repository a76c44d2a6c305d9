// What the partition's configuration says. Bulkhead's agent hands each entry of `application.config` to the
// program as BULKHEAD_<KEY>, and the devices as BULKHEAD_DEVICES.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "historian_link.hpp"

namespace modbus_collector {

// Registers first to first + count - 1.
struct Range {
    std::uint16_t first = 0;
    std::uint16_t count = 0;
    bool operator==(const Range&) const = default;
};

// A register and what is to be written there.
struct Setpoint {
    std::uint16_t address = 0;
    std::uint16_t value = 0;
    bool operator==(const Setpoint&) const = default;
};

struct Settings {
    int unit = 1;
    std::vector<Range> registers{{0, 10}};
    std::chrono::milliseconds period{1000};
    std::string device;  // /dev/ttyS1
    std::optional<Target> historian;
    std::optional<Setpoint> setpoint;  // written at the start, until that is answered
};

// "0-9,20,30-31": at most 125 registers in a range, which is what one Modbus request may ask for.
std::optional<std::vector<Range>> parse_registers(std::string_view text);
// "4=900": register 4, value 900.
std::optional<Setpoint> parse_setpoint(std::string_view text);
// "500ms", "1s", "2min".
std::optional<std::chrono::milliseconds> parse_period(std::string_view text);
// The first device of "rs485-1=/dev/ttyS1,can-1=/dev/ttyS2".
std::optional<std::string> first_device(std::string_view text);

// From the environment. On a mistake, `error` says which.
std::optional<Settings> read_settings(std::string& error);

}  // namespace modbus_collector
