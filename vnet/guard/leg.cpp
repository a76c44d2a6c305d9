#include "vnet/guard/leg.hpp"

namespace bulkhead::vnet::guard {

std::string host_batch(const model::TenantGuard& guard, const std::filesystem::path& space) {
    return "link set dev " + guard.leg.str() + " netns " + space.string() + "\n";
}

std::string own_batch(const model::TenantGuard& guard) {
    const auto leg = guard.leg.str();
    return "link set dev lo up\nlink set dev " + leg + " down\nlink set dev " + leg + " address " +
           to_string(guard.mac) + " mtu 1500 addrgenmode none arp off\nlink set dev " + leg +
           " up\nroute add local 0.0.0.0/0 dev lo table 100\nrule add pref 10 iif " + leg +
           " table 100\nroute add 0.0.0.0/0 dev " + leg + "\n";
}

std::string own_batch6(const model::TenantGuard& guard) {
    const auto leg = guard.leg.str();
    return "route add local ::/0 dev lo table 100\nrule add pref 10 iif " + leg +
           " table 100\nroute add ::/0 dev " + leg + "\n";
}

}  // namespace bulkhead::vnet::guard
