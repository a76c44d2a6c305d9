#include "passthrough/serial/options.hpp"

#include <array>

#include "base/text.hpp"

namespace bulkhead::passthrough::serial {

Result<OwnerOptions> parse_options(std::span<const char* const> arguments) {
    static constexpr std::array<std::string_view, 1> required{"--line"};
    static constexpr std::array<std::string_view, 2> optional{"--guard", "--through"};
    BULKHEAD_TRY_ASSIGN(auto parsed, parse_owner_arguments(arguments, {required, optional}));
    auto& assignment = parsed.options.assignment;
    if (!assignment.at.starts_with('/'))
        return fail(Code::invalid, "'" + printable(assignment.at, 256) + "' is not an absolute path", "--at");
    BULKHEAD_TRY_ASSIGN(assignment.line, model::parse_serial_line(parsed.own["--line"]));
    BULKHEAD_TRY_ASSIGN(assignment.rules, model::parse_line_rules(parsed.own["--guard"]));
    parsed.options.through = parsed.own["--through"];
    if (parsed.options.through.empty() == assignment.line.turns.has_value())
        return fail(Code::invalid, "a line of several partitions is worked through a terminal of its own",
                    "--through");
    return std::move(parsed.options);
}

}  // namespace bulkhead::passthrough::serial
