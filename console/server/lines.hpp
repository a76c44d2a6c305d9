// The gateways' lines that are open now, as the fleet uses them. From any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "console/server/fleet.hpp"

namespace bulkhead::console {

// For whom a gateway is asked.
struct Caller {
    std::string actor;   // user:anna
    std::string tenant;  // of a vendor: nothing of another exists for it; empty: of all
};

class Line {
  public:
    virtual ~Line() = default;
    virtual void push_desired(std::uint64_t generation, const std::string& envelope) = 0;
    // `method` as in CallData.
    virtual std::unique_ptr<RelayedCall> call(const Caller& caller, const std::string& method,
                                              std::string request, RelayEvents events) = 0;
    // Looks at what is due: an attestation round, a beat that did not come.
    virtual void tick() = 0;
    virtual void end(const Error& why) = 0;
};

class Lines {
  public:
    // Shared: a caller may hold a line while it ends.
    using Shared = std::shared_ptr<Line>;

    // The newest wins: an older line of this gateway is ended.
    void put(const std::string& gateway, const Shared& line);
    // If it is still this one that counts; whether it was.
    bool remove(const std::string& gateway, const Line* line);
    Shared find(const std::string& gateway) const;
    std::vector<Shared> all() const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, Shared> lines_;
};

}  // namespace bulkhead::console
