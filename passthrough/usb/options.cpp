#include "passthrough/usb/options.hpp"

#include <array>

#include "base/text.hpp"

namespace bulkhead::passthrough::usb {

Result<OwnerOptions> parse_options(std::span<const char* const> arguments) {
    static constexpr std::array<std::string_view, 1> optional{"--expect"};
    BULKHEAD_TRY_ASSIGN(auto parsed, parse_owner_arguments(arguments, {{}, optional}));
    auto& assignment = parsed.options.assignment;
    assignment.kind = model::DeviceKind::usb;
    if (!model::is_usb_port(assignment.at))
        return fail(Code::invalid, "'" + printable(assignment.at, 64) + "' is no USB port", "--at", "1-2.3");
    BULKHEAD_TRY_ASSIGN(assignment.expect, model::parse_usb_identity(parsed.own["--expect"]));
    return std::move(parsed.options);
}

}  // namespace bulkhead::passthrough::usb
