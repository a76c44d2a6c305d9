#include "model/modbus.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::model {
namespace {

constexpr std::array<std::pair<ModbusTable, std::string_view>, 4> tables{{
    {ModbusTable::coils, "coils"},
    {ModbusTable::discrete_inputs, "discrete-inputs"},
    {ModbusTable::holding_registers, "holding-registers"},
    {ModbusTable::input_registers, "input-registers"},
}};
constexpr std::uint64_t last_unit = 255;         // of a serial line 247; over TCP a server itself is 0 or 255
constexpr std::uint64_t most_requests = 10'000;  // per second

std::string run_text(unsigned first, unsigned last) {
    return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
}

template <class Number>
Result<std::pair<Number, Number>> parse_run(std::string_view text, std::uint64_t low, std::uint64_t high) {
    const auto dash = text.find('-');
    BULKHEAD_TRY_ASSIGN(const auto first, parse_number(text.substr(0, dash), low, high));
    BULKHEAD_TRY_ASSIGN(const auto last, dash == std::string_view::npos
                                             ? Result<std::uint64_t>(first)
                                             : parse_number(text.substr(dash + 1), first, high));
    return std::pair(static_cast<Number>(first), static_cast<Number>(last));
}

Result<ModbusTable> parse_table(std::string_view text) {
    const auto found = std::ranges::find(tables, text, &std::pair<ModbusTable, std::string_view>::second);
    if (found == tables.end())
        return fail(Code::invalid, "'" + printable(text, 64) + "' is no table of Modbus", {},
                    "coils, discrete-inputs, holding-registers or input-registers");
    return found->first;
}

Result<> parse_functions(std::string_view text, ModbusRule& rule) {
    for (const auto& word : split_text(text, ' ')) {
        BULKHEAD_TRY_ASSIGN(const auto function, parse_number(word, 1, 127));
        rule.functions.push_back(static_cast<std::uint8_t>(function));
    }
    return {};
}

Result<> parse_range(std::string_view text, ModbusRule& rule) {
    for (std::string_view word : {"read ", "write "})
        if (text.starts_with(word)) {
            (word == "read " ? rule.read : rule.write) = true;
            text.remove_prefix(word.size());
        }
    const auto space = text.find(' ');
    BULKHEAD_TRY_ASSIGN(const auto table, parse_table(text.substr(0, space)));
    BULKHEAD_TRY_ASSIGN(
        const auto run,
        (parse_run<std::uint16_t>(space == std::string_view::npos ? "" : text.substr(space + 1), 0, 0xffff)));
    rule.range = ModbusRange{table, run.first, run.second};
    const bool inputs = table == ModbusTable::discrete_inputs || table == ModbusTable::input_registers;
    if (!rule.read && !rule.write)
        return fail(Code::invalid,
                    "the " + std::string(to_string(table)) + " may be neither read nor written", {},
                    "read or write before them, or both");
    if (inputs && rule.write)
        return fail(Code::invalid, "nobody can write " + std::string(to_string(table)) + " over Modbus", {},
                    table == ModbusTable::discrete_inputs ? "coils" : "holding-registers");
    return {};
}

}  // namespace

std::string_view to_string(ModbusTable table) {
    return std::ranges::find(tables, table, &std::pair<ModbusTable, std::string_view>::first)->second;
}

std::string to_string(const ModbusRule& rule) {
    std::string text = "unit " + run_text(rule.first_unit, rule.last_unit) + " ";
    if (!rule.range) {
        text += "functions ";
        for (std::size_t i = 0; i < rule.functions.size(); ++i)
            text += (i == 0 ? "" : " ") + std::to_string(rule.functions[i]);
        return text;
    }
    if (rule.read) text += "read ";
    if (rule.write) text += "write ";
    return text + std::string(to_string(rule.range->table)) + " " +
           run_text(rule.range->first, rule.range->last);
}

std::string to_string(const ModbusGuard& guard) {
    std::string text;
    for (const auto& rule : guard.allow) text += (text.empty() ? "" : "; ") + to_string(rule);
    if (guard.rate != 0) text += (text.empty() ? "rate " : "; rate ") + std::to_string(guard.rate) + "/s";
    return text;
}

Result<ModbusRule> parse_modbus_rule(std::string_view text) {
    ModbusRule rule;
    constexpr std::string_view head = "unit ";
    const auto end = text.find(' ', head.size());
    if (!text.starts_with(head) || end == std::string_view::npos)
        return fail(Code::invalid, "'" + printable(text, 120) + "' is no rule of a Modbus guard", {},
                    "unit 1 read holding-registers 0-99, or unit 1 functions 8 17");
    const auto numbers = text.substr(head.size(), end - head.size());
    BULKHEAD_TRY_ASSIGN(const auto units, (parse_run<std::uint8_t>(numbers, 0, last_unit)));
    rule.first_unit = units.first;
    rule.last_unit = units.second;
    const auto rest = text.substr(end + 1);
    if (rest.starts_with("functions "))
        BULKHEAD_TRY(parse_functions(rest.substr(10), rule));
    else
        BULKHEAD_TRY(parse_range(rest, rule));
    return rule;
}

Result<unsigned> parse_request_rate(std::string_view text) {
    const bool per_second = text.ends_with("/s");
    const auto number = parse_number(text.substr(0, text.size() - (per_second ? 2 : 0)), 1, most_requests);
    if (!per_second || !number)
        return fail(Code::invalid, "'" + printable(text, 32) + "' is no rate of requests", {},
                    "a number per second, such as 50/s");
    return static_cast<unsigned>(*number);
}

Result<ModbusGuard> parse_modbus_guard(std::string_view text) {
    ModbusGuard guard;
    for (const auto& part : split_text(text, ';')) {
        const std::string_view word = trimmed(part);
        if (word.empty()) continue;
        if (word.starts_with("rate ")) {
            BULKHEAD_TRY_ASSIGN(guard.rate, parse_request_rate(word.substr(5)));
            continue;
        }
        BULKHEAD_TRY_ASSIGN(auto rule, parse_modbus_rule(word));
        guard.allow.push_back(std::move(rule));
    }
    return guard;
}

}  // namespace bulkhead::model
