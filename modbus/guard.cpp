#include "modbus/guard.hpp"

#include <algorithm>

namespace bulkhead::modbus {
namespace {

bool is_for(const model::ModbusRule& rule, std::uint8_t unit) {
    return rule.first_unit <= unit && unit <= rule.last_unit;
}

bool allows(const model::ModbusRule& rule, const Access& access) {
    return rule.range && rule.range->table == access.table && (access.write ? rule.write : rule.read) &&
           rule.range->first <= access.first && access.first + access.count - 1 <= rule.range->last;
}

// A function that touches no table that we know may change anything.
bool only_reads(const Request& request) {
    return request.accesses[0] &&
           std::ranges::none_of(request.accesses, [](const auto& access) { return access && access->write; });
}

bool names(const model::ModbusRule& rule, std::uint8_t function) {
    return std::ranges::find(rule.functions, function) != rule.functions.end();
}

std::string words(const Access& access) {
    return std::string(access.write ? "write " : "read ") + std::string(model::to_string(access.table)) +
           " " + std::to_string(access.first) +
           (access.count == 1 ? "" : "-" + std::to_string(access.first + access.count - 1));
}

std::string words(std::uint8_t unit, const Request& request) {
    std::string text = "unit " + std::to_string(unit) + ", function " + std::to_string(request.function);
    for (const auto& access : request.accesses)
        if (access) text += ", " + words(*access);
    return text;
}

}  // namespace

std::optional<Exception> Guard::judge(std::uint8_t unit, std::span<const std::byte> pdu, Moment now) {
    const auto exception = refusal(unit, pdu, now);
    ++(exception ? counts_.refused : counts_.passed);
    return exception;
}

void Guard::count_broken(const std::string& why) {
    ++counts_.broken;
    counts_.last = why;
}

void Guard::count_refused(const std::string& why) {
    ++counts_.refused;
    counts_.last = why;
}

// A unit without rules is behind a gateway that knows no way to it; a function without rules is none of the
// server's; what is left lies outside of the addresses that are meant.
std::optional<Exception> Guard::refusal(std::uint8_t unit, std::span<const std::byte> pdu, Moment now) {
    const auto request = parse_request(pdu);
    if (!request) {
        counts_.last = "unit " + std::to_string(unit) + ": a request whose lengths contradict its function";
        return request.error();
    }
    const auto& rules = allowed_.allow;
    const auto refuse = [&](Exception exception, const std::string& why) {
        counts_.last = words(unit, *request) + ": " + why;
        return exception;
    };
    if (std::ranges::none_of(rules, [&](const auto& rule) { return is_for(rule, unit); }))
        return refuse(Exception::gateway_path_unavailable, "no rule is for this unit");
    const bool named = std::ranges::any_of(
        rules, [&](const auto& rule) { return is_for(rule, unit) && names(rule, request->function); });
    if (!named && !request->accesses[0])
        return refuse(Exception::illegal_function, "no rule names this function");
    for (const auto& access : request->accesses) {
        if (named || !access) continue;
        if (std::ranges::any_of(
                rules, [&](const auto& rule) { return is_for(rule, unit) && allows(rule, *access); }))
            continue;
        const bool elsewhere = std::ranges::any_of(rules, [&](const auto& rule) {
            return is_for(rule, unit) && rule.range && rule.range->table == access->table &&
                   (access->write ? rule.write : rule.read);
        });
        return refuse(elsewhere ? Exception::illegal_data_address : Exception::illegal_function,
                      elsewhere ? "no rule allows these addresses" : "no rule allows this");
    }
    if (read_only_ && !only_reads(*request))
        return refuse(Exception::illegal_function, "its partition is not trusted: it may only read");
    if (!is_within_rate(now)) return refuse(Exception::server_device_busy, "above the rate");
    return std::nullopt;
}

// A burst of as many as a tenth of a second has, one at least.
bool Guard::is_within_rate(Moment now) {
    if (allowed_.rate == 0) return true;
    const auto each = std::chrono::nanoseconds(std::chrono::seconds(1)) / allowed_.rate;
    const auto depth = each * std::max(1U, allowed_.rate / 10);
    const Moment full = std::max(full_, now) + each;
    if (full - now > depth) return false;
    full_ = full;
    return true;
}

}  // namespace bulkhead::modbus
