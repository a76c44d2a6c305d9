// Who asks, and what a role may do. One table, used by the gRPC and the REST side, and shown to the web UI,
// so that what is refused is not offered either.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace bulkhead::console {

enum class Role {
    it_admin,     // everything
    ot_operator,  // sees all, starts, stops, restarts, locks and unlocks
    vendor,       // its own tenant's partitions: sees, reads output, serial console, captures
    auditor,      // sees all, changes nothing, reads the audit
};
std::string_view to_string(Role role);  // it-admin, ot-operator, vendor, auditor
std::optional<Role> role_named(std::string_view name);

enum class Right {
    see,
    see_audit,
    run,
    lock,
    read_output,
    use_serial,
    capture,
    test_devices,
    set_desired,
    manage_gateways,
    manage_users
};
std::string_view to_string(Right right);  // see, see-audit, ...
const std::set<Right>& rights_of(Role role);

struct Viewer {
    std::string user;
    Role role = Role::auditor;
    std::string tenant;  // of a vendor: nothing of another tenant exists for it
    bool may(Right right) const { return rights_of(role).contains(right); }
};

}  // namespace bulkhead::console
