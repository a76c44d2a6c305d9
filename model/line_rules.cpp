#include "model/line_rules.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::model {
namespace {

constexpr std::string_view modbus = "modbus";
constexpr std::string_view slcan = "slcan ";
constexpr std::string_view can = "can ";
constexpr std::string_view separator = "; ";

std::string with_rules(const std::string& head, const std::string& rules) {
    return rules.empty() ? head : head + std::string(separator) + rules;
}

}  // namespace

std::string to_string(const LineRules& rules) {
    if (const auto* of_modbus = std::get_if<ModbusGuard>(&rules))
        return with_rules(std::string(modbus), to_string(*of_modbus));
    if (const auto* of_slcan = std::get_if<SlcanGuard>(&rules))
        return with_rules(std::string(slcan) + std::to_string(of_slcan->bitrate), to_string(of_slcan->bus));
    if (const auto* of_can = std::get_if<CanBus>(&rules))
        return with_rules(std::string(can) + std::to_string(of_can->bitrate), to_string(of_can->guard));
    return {};
}

Result<LineRules> parse_line_rules(std::string_view text) {
    if (text.empty()) return LineRules{};
    const auto end = text.find(separator);
    const auto head = text.substr(0, end);
    const auto rules =
        end == std::string_view::npos ? std::string_view() : text.substr(end + separator.size());
    if (head == modbus) {
        BULKHEAD_TRY_ASSIGN(auto guard, parse_modbus_guard(rules));
        return LineRules(std::move(guard));
    }
    const bool is_can = head.starts_with(can);
    if (!is_can && !head.starts_with(slcan))
        return fail(Code::invalid, "'" + printable(text, 120) + "' names no protocol that can be guarded", {},
                    "modbus, slcan or can");
    BULKHEAD_TRY_ASSIGN(const auto bitrate,
                        parse_number(head.substr(is_can ? can.size() : slcan.size()), 1, 1'000'000));
    BULKHEAD_TRY_ASSIGN(auto bus, parse_can_guard(rules));
    const auto rate = static_cast<unsigned>(bitrate);
    return is_can ? LineRules(CanBus{std::move(bus), rate}) : LineRules(SlcanGuard{std::move(bus), rate});
}

}  // namespace bulkhead::model
