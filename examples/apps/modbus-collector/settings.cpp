#include "settings.hpp"

#include <charconv>
#include <cstdlib>

namespace modbus_collector {
namespace {

constexpr std::uint16_t most_registers = 125;  // Modbus application protocol V1.1b3, 6.3

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Range> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
    if (!first || !last || *last > 0xFFFF || *last < *first || *last - *first >= most_registers)
        return std::nullopt;
    return Range{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last - *first + 1)};
}

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::optional<std::vector<Range>> parse_registers(std::string_view text) {
    std::vector<Range> ranges;
    while (true) {
        const auto comma = text.find(',');
        const auto range = parse_range(text.substr(0, comma));
        if (!range || ranges.size() == 32) return std::nullopt;
        ranges.push_back(*range);
        if (comma == std::string_view::npos) return ranges;
        text.remove_prefix(comma + 1);
    }
}

std::optional<Setpoint> parse_setpoint(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto address = number(text.substr(0, equals));
    const auto value = number(text.substr(equals + 1));
    if (!address || !value || *address > 0xffff || *value > 0xffff) return std::nullopt;
    return Setpoint{static_cast<std::uint16_t>(*address), static_cast<std::uint16_t>(*value)};
}

std::optional<std::chrono::milliseconds> parse_period(std::string_view text) {
    const auto unit = text.find_first_not_of("0123456789");
    if (unit == std::string_view::npos) return std::nullopt;
    const auto count = number(text.substr(0, unit));
    const std::string_view name = text.substr(unit);
    const unsigned factor = name == "ms" ? 1 : name == "s" ? 1000 : name == "min" ? 60'000 : 0;
    if (!count || *count == 0 || *count > 86'400 || factor == 0) return std::nullopt;
    return std::chrono::milliseconds(std::uint64_t{*count} * factor);
}

std::optional<std::string> first_device(std::string_view text) {
    text = text.substr(0, text.find_first_of(", "));
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) return std::nullopt;
    return std::string(text.substr(equals + 1));
}

std::optional<Settings> read_settings(std::string& error) {
    Settings settings;
    if (const auto text = variable("BULKHEAD_UNIT"); !text.empty()) {
        const auto unit = number(text);
        if (!unit || *unit < 1 || *unit > 247) {
            error = "unit must be 1 to 247";
            return std::nullopt;
        }
        settings.unit = static_cast<int>(*unit);
    }
    if (const auto text = variable("BULKHEAD_REGISTERS"); !text.empty()) {
        const auto registers = parse_registers(text);
        if (!registers) {
            error = "registers must be ranges such as 0-9,20";
            return std::nullopt;
        }
        settings.registers = *registers;
    }
    if (const auto text = variable("BULKHEAD_PERIOD"); !text.empty()) {
        const auto period = parse_period(text);
        if (!period) {
            error = "period must be a time such as 500ms or 1s";
            return std::nullopt;
        }
        settings.period = *period;
    }
    if (const auto text = variable("BULKHEAD_HISTORIAN"); !text.empty()) {
        settings.historian = parse_target(text);
        if (!settings.historian) {
            error = "historian must be ADDRESS:PORT, an IPv6 address in brackets";
            return std::nullopt;
        }
    }
    if (const auto text = variable("BULKHEAD_SETPOINT"); !text.empty()) {
        settings.setpoint = parse_setpoint(text);
        if (!settings.setpoint) {
            error = "setpoint must be REGISTER=VALUE, each at most 65535";
            return std::nullopt;
        }
    }
    const auto device = first_device(variable("BULKHEAD_DEVICES"));
    if (!device) {
        error = "no serial device is assigned to this partition";
        return std::nullopt;
    }
    settings.device = *device;
    return settings;
}

}  // namespace modbus_collector
