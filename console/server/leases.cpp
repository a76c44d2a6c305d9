#include "console/server/leases.hpp"

namespace bulkhead::console {

void Leases::claim(const std::string& vek_name, const std::string& gateway, UtcTime until) {
    const std::scoped_lock lock(mutex_);
    leases_[vek_name] = {gateway, until};
}

std::map<std::string, std::string> Leases::held_elsewhere(const std::vector<std::string>& vek_names,
                                                          const std::string& gateway, UtcTime now) const {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, std::string> held;
    for (const auto& name : vek_names)
        if (const auto found = leases_.find(name);
            found != leases_.end() && found->second.gateway != gateway && found->second.until >= now)
            held[name] = found->second.gateway;
    return held;
}

void Leases::forget(const std::string& gateway) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(leases_, [&](const auto& entry) { return entry.second.gateway == gateway; });
}

}  // namespace bulkhead::console
