#include "passthrough/can/options.hpp"

#include <array>
#include <variant>

#include "base/text.hpp"

namespace bulkhead::passthrough::can {

Result<OwnerOptions> parse_options(std::span<const char* const> arguments) {
    static constexpr std::array<std::string_view, 1> required{"--bus"};
    BULKHEAD_TRY_ASSIGN(auto parsed, parse_owner_arguments(arguments, {required, {}}));
    auto& assignment = parsed.options.assignment;
    assignment.kind = model::DeviceKind::can;
    if (!model::is_can_place(assignment.at))
        return fail(Code::invalid, "'" + printable(assignment.at, 64) + "' is no place of a CAN controller",
                    "--at", "0000:00:08.0");
    BULKHEAD_TRY_ASSIGN(assignment.rules, model::parse_line_rules(parsed.own["--bus"]));
    if (!std::holds_alternative<model::CanBus>(assignment.rules))
        return fail(Code::invalid, "'" + printable(parsed.own["--bus"], 64) + "' is no CAN bus", "--bus",
                    "can 500000; RULES");
    return std::move(parsed.options);
}

}  // namespace bulkhead::passthrough::can
