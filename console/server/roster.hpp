// What the console knows of its gateways right now, in memory, so that a list of thousands costs no query.
// The store has the same, but for the line's state. From any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "console/server/refusal.hpp"
#include "console/store/rows.hpp"

namespace bulkhead::console {

// The result of a complete round, and when it was.
struct Attested {
    bulkhead::v1alpha1::AttestationView view;
    UtcTime at;
};

struct GatewayState {
    std::string name;
    std::string anchor;
    std::string enrolled_at;
    bool connected = false;
    std::string version;
    std::optional<UtcTime> last_seen;
    std::uint64_t generation = 0;
    std::uint64_t generation_applied = 0;
    Refusal refusal;  // of `generation`
    std::uint64_t events_dropped = 0;
    std::shared_ptr<const bulkhead::v1alpha1::GatewayReport>
        report;                                // shared by copies of this state; never null
    std::map<std::string, Attested> attested;  // by partition; "": the host
};

class Roster {
  public:
    // Shared with readers that outlive a change.
    using State = std::shared_ptr<const GatewayState>;

    void put(GatewayState state);
    void remove(const std::string& name);
    // Null if there is none.
    State find(const std::string& name) const;
    std::vector<State> all() const;  // by name
    // On a copy, which then replaces the old one. Nothing, if there is none of that name.
    void change(const std::string& name, const std::function<void(GatewayState&)>& edit);

    // Since this process began.
    void count_round() { ++rounds_; }
    std::uint64_t rounds() const { return rounds_; }
    void count_events(std::uint64_t count) { events_ += count; }
    std::uint64_t events() const { return events_; }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, State> states_;
    std::atomic<std::uint64_t> rounds_ = 0;
    std::atomic<std::uint64_t> events_ = 0;
};

// As the store left it: not connected.
GatewayState state_of(const GatewayRow& row, const std::string& report);

// Of what rfc3339() wrote.
std::optional<UtcTime> parse_rfc3339(const std::string& text);

}  // namespace bulkhead::console
