#include "base/units.hpp"

#include <array>
#include <charconv>

namespace bulkhead {
namespace {

struct Split {
    std::uint64_t number = 0;
    std::string_view unit;
    bool ok = false;
};

Split split(std::string_view text) {
    Split result;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), result.number);
    result.ok = ec == std::errc{} && !text.empty();
    if (result.ok) result.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return result;
}

std::string quoted(std::string_view text) {
    return "'" + std::string(text.substr(0, 64)) + (text.size() > 64 ? "..." : "") + "'";
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
    static constexpr std::string_view wanted =
        "a whole number with a unit KiB, MiB, GiB or TiB, such as 512MiB";
    static constexpr std::array<std::pair<std::string_view, int>, 4> units{
        {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
    const auto [number, unit, ok] = split(text);
    if (!ok) return fail(Code::invalid, quoted(text) + " is not a size", {}, std::string(wanted));
    for (const auto& [name, shift] : units) {
        if (unit != name) continue;
        if (number > (std::uint64_t{1} << 50) >> shift)
            return fail(Code::invalid, quoted(text) + " is too large", {}, "at most 1024TiB");
        return Bytes{number << shift};
    }
    std::string mend;
    if (!unit.empty())
        for (const auto& [name, shift] : units)
            if ((name[0] | 0x20) == (unit[0] | 0x20))
                mend = "write " + std::to_string(number) + std::string(name);
    return fail(Code::invalid,
                quoted(text) + (unit.empty() ? " has no unit" : " has an unknown unit " + quoted(unit)), {},
                std::string(wanted), mend);
}

std::string to_string(Bytes bytes) {
    static constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::uint64_t number = bytes.count;
    std::size_t unit = 0;
    while (number != 0 && number % 1024 == 0 && unit + 1 < units.size()) {
        number /= 1024;
        ++unit;
    }
    return std::to_string(number) + std::string(units[unit]);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    static constexpr std::string_view wanted =
        "a whole number with a unit ms, s, min, h or d, such as 250ms or 1s";
    static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> units{
        {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    static constexpr std::uint64_t longest = 365ULL * 86'400'000;
    const auto [number, unit, ok] = split(text);
    if (ok)
        for (const auto& [name, factor] : units)
            if (unit == name) {
                if (number > longest / factor)
                    return fail(Code::invalid, quoted(text) + " is too long", {}, "at most 365d");
                return std::chrono::milliseconds(number * factor);
            }
    return fail(Code::invalid, quoted(text) + " is not a duration", {}, std::string(wanted));
}

namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> bit_rates{
    {{"Gbit/s", 1'000'000'000}, {"Mbit/s", 1'000'000}, {"kbit/s", 1'000}}};

}  // namespace

Result<std::uint64_t> parse_bit_rate(std::string_view text) {
    static constexpr std::string_view wanted =
        "a whole number with a unit kbit/s, Mbit/s or Gbit/s, such as 10Mbit/s";
    static constexpr std::uint64_t most = 1'000'000'000'000;
    const auto [number, unit, ok] = split(text);
    for (const auto& [name, factor] : bit_rates)
        if (ok && unit == name) {
            if (number == 0 || number > most / factor)
                return fail(Code::invalid, quoted(text) + " is out of range", {}, "1kbit/s to 1000Gbit/s");
            return number * factor;
        }
    return fail(Code::invalid, quoted(text) + " is not a rate", {}, std::string(wanted));
}

std::string bit_rate_text(std::uint64_t bits_per_second) {
    for (const auto& [name, factor] : bit_rates)
        if (bits_per_second != 0 && bits_per_second % factor == 0)
            return std::to_string(bits_per_second / factor) + std::string(name);
    return std::to_string(bits_per_second) + "bit/s";
}

std::string human_age(std::chrono::seconds age) {
    const auto n = age.count() < 0 ? 0 : age.count();
    if (n < 120) return std::to_string(n) + " s";
    if (n < 120 * 60) return std::to_string(n / 60) + " min";
    if (n < 48 * 3600) return std::to_string(n / 3600) + " h";
    return std::to_string(n / 86400) + " d";
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t low, std::uint64_t high) {
    const auto [number, rest, ok] = split(text);
    if (!ok || !rest.empty() || number < low || number > high)
        return fail(Code::invalid, quoted(text) + " is not a number that fits", {},
                    "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return number;
}

}  // namespace bulkhead
