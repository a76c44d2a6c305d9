// Which gateway proved last that it runs a vTPM. A clone on a second one meets a live lease. From any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::console {

class Leases {
  public:
    void claim(const std::string& vek_name, const std::string& gateway, UtcTime until);
    // Of these vTPMs, those on which another gateway has a live lease.
    std::map<std::string, std::string> held_elsewhere(const std::vector<std::string>& vek_names,
                                                      const std::string& gateway, UtcTime now) const;
    void forget(const std::string& gateway);

  private:
    struct Lease {
        std::string gateway;
        UtcTime until;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Lease> leases_;
};

}  // namespace bulkhead::console
