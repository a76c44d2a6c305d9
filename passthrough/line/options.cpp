#include "passthrough/line/options.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/text.hpp"

namespace bulkhead::passthrough::line {
namespace {

constexpr std::array<std::string_view, 4> names{"--at", "--line", "--control", "--terminals"};
constexpr std::array<std::string_view, 3> paths{"--at", "--control", "--terminals"};

using Given = std::map<std::string_view, std::string>;

Result<Given> collect(std::span<const char* const> arguments) {
    Given given;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto* name = std::ranges::find(names, std::string_view(arguments[i]));
        if (name == names.end())
            return fail(Code::invalid, "unknown option '" + printable(arguments[i], 64) + "'");
        if (i + 1 == arguments.size()) return fail(Code::invalid, std::string(*name) + " needs a value");
        if (!given.emplace(*name, arguments[i + 1]).second)
            return fail(Code::invalid, std::string(*name) + " is given twice");
    }
    for (const auto name : names)
        if (!given.contains(name)) return fail(Code::invalid, std::string(name) + " is missing");
    return given;
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
    BULKHEAD_TRY_ASSIGN(const Given given, collect(arguments));
    for (const auto name : paths)
        if (const auto& path = given.at(name); !path.starts_with('/'))
            return fail(Code::invalid, "'" + printable(path, 256) + "' is not an absolute path",
                        std::string(name));
    BULKHEAD_TRY_ASSIGN(const auto line, model::parse_serial_line(given.at("--line")));
    if (!line.turns) return fail(Code::invalid, "a line without turns has an owner alone", "--line");
    return Options{given.at("--at"), line, given.at("--control"), given.at("--terminals")};
}

}  // namespace bulkhead::passthrough::line
