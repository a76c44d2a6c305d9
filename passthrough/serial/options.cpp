#include "passthrough/serial/options.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string_view>

#include "base/name.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::passthrough::serial {
namespace {

constexpr std::array<std::string_view, 9> known{"--device",  "--partition",   "--token",
                                                "--at",      "--line",        "--socket",
                                                "--control", "--socket-user", "--guard"};

constexpr std::array<std::string_view, 2> optional{"--socket-user", "--guard"};

using Given = std::map<std::string_view, std::string>;

Result<Given> collect(std::span<const char* const> arguments) {
    Given given;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto name = std::ranges::find(known, std::string_view(arguments[i]));
        if (name == known.end())
            return fail(Code::invalid, "unknown option '" + printable(arguments[i], 64) + "'", {}, {},
                        "nearest: " + nearest(arguments[i], known));
        if (i + 1 == arguments.size()) return fail(Code::invalid, std::string(*name) + " needs a value");
        if (!given.emplace(*name, arguments[i + 1]).second)
            return fail(Code::invalid, std::string(*name) + " is given twice");
    }
    for (const auto name : known)
        if (std::ranges::find(optional, name) == optional.end() &&
            (!given.contains(name) || given[name].empty()))
            return fail(Code::invalid, std::string(name) + " is missing");
    return given;
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
    BULKHEAD_TRY_ASSIGN(Given given, collect(arguments));
    for (const auto name : {"--device", "--partition"})
        if (!is_label(given[name]))
            return fail(Code::invalid, "'" + printable(given[name], 64) + "' is not a name", name);
    BULKHEAD_TRY_ASSIGN(const std::uint64_t token,
                        parse_number(given["--token"], 0, std::numeric_limits<std::uint64_t>::max()));
    BULKHEAD_TRY_ASSIGN(const model::SerialLine line, model::parse_serial_line(given["--line"]));
    for (const auto name : {"--at", "--socket", "--control"})
        if (!given[name].starts_with('/'))
            return fail(Code::invalid, "'" + printable(given[name], 256) + "' is not an absolute path", name);
    Options options{{model::DeviceName(given["--device"]), model::PartitionName(given["--partition"]), token,
                     given["--at"], line},
                    given["--socket"],
                    given["--control"]};
    BULKHEAD_TRY_ASSIGN(options.assignment.rules, model::parse_line_rules(given["--guard"]));
    if (given.contains("--socket-user")) options.socket_user = given["--socket-user"];
    return options;
}

std::optional<uid_t> user_of(const std::string& name) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::nullopt;
    return entry.pw_uid;
}

}  // namespace bulkhead::passthrough::serial
