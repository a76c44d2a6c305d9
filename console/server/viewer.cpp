#include "console/server/viewer.hpp"

#include <array>
#include <utility>

namespace bulkhead::console {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 4> roles = {{{Role::it_admin, "it-admin"},
                                                                     {Role::ot_operator, "ot-operator"},
                                                                     {Role::vendor, "vendor"},
                                                                     {Role::auditor, "auditor"}}};

constexpr std::array<std::pair<Right, std::string_view>, 11> rights = {
    {{Right::see, "see"},
     {Right::see_audit, "see-audit"},
     {Right::run, "run"},
     {Right::lock, "lock"},
     {Right::read_output, "read-output"},
     {Right::use_serial, "use-serial"},
     {Right::capture, "capture"},
     {Right::test_devices, "test-devices"},
     {Right::set_desired, "set-desired"},
     {Right::manage_gateways, "manage-gateways"},
     {Right::manage_users, "manage-users"}}};

}  // namespace

std::string_view to_string(Role role) {
    for (const auto& [value, name] : roles)
        if (value == role) return name;
    return "?";
}

std::optional<Role> role_named(std::string_view name) {
    for (const auto& [value, own] : roles)
        if (own == name) return value;
    return std::nullopt;
}

std::string_view to_string(Right right) {
    for (const auto& [value, name] : rights)
        if (value == right) return name;
    return "?";
}

const std::set<Right>& rights_of(Role role) {
    using enum Right;
    static const std::set<Right> it_admin = {see,         see_audit,       run,         lock,
                                             read_output, use_serial,      capture,     test_devices,
                                             set_desired, manage_gateways, manage_users};
    // No serial console: it is a root shell in a vendor's machine, and no tool for running a plant. No
    // capture: frames hold what machines and vendors say in confidence, passwords too.
    static const std::set<Right> ot_operator = {see, run, lock, read_output};
    static const std::set<Right> vendor = {see, read_output, use_serial, capture};
    // No output and no capture: applications may print, and say, what is the vendor's business, and nothing
    // of it was a change.
    static const std::set<Right> auditor = {see, see_audit};
    static const std::set<Right> nobody;
    switch (role) {
        case Role::it_admin:
            return it_admin;
        case Role::ot_operator:
            return ot_operator;
        case Role::vendor:
            return vendor;
        case Role::auditor:
            return auditor;
    }
    return nobody;
}

}  // namespace bulkhead::console
