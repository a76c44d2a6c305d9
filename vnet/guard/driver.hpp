// Makes the guards of tenants' conduits: starts, tells and ends their processes, as router/driver.hpp does
// those of routers. While a guard is not there its port leads nowhere, so nothing passes.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/driver.hpp"
#include "model/layout.hpp"
#include "vnet/guard/state.hpp"
#include "vnet/space/kept_process.hpp"

namespace bulkhead::vnet::guard {

// Requests of one conduit that did not pass, in words for people.
struct Refusal {
    model::TenantName tenant;
    std::string text;
    bool operator==(const Refusal&) const = default;
};

class GuardDriver final : public model::Driver {
  public:
    GuardDriver(model::Layout layout, StartProcess start)
        : layout_(std::move(layout)), start_(std::move(start)) {}

    std::string_view name() const override { return "guard"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // What each guard says of itself now. From any thread.
    std::map<model::TenantName, Result<State>> states() const;
    // There is a process, be it hung or slow.
    bool is_there(const model::TenantName& tenant) const { return process_of(tenant).is_there(); }
    // What was refused and not told yet. A conduit over which it goes on is told of at most once in `pause`:
    // whoever asks in vain can't fill the list of events.
    static constexpr std::chrono::minutes pause{10};
    using Moment = std::chrono::steady_clock::time_point;
    std::vector<Refusal> take_refusals(Moment now);

  private:
    struct Told {
        pid_t pid = 0;  // of the process whose counts they are
        std::uint64_t count = 0;
        Moment next;  // not before
    };
    using Conduit = std::pair<model::TenantName, model::ConduitName>;

    std::vector<model::TenantName> told() const;
    KeptProcess process_of(const model::TenantName& tenant) const;
    Result<State> state_of(const model::TenantName& tenant) const;
    Result<model::TenantGuard> order_of(const model::TenantName& tenant) const;
    Result<> create(const model::TenantGuard& guard);
    Result<> remove(const model::TenantName& tenant);

    const model::Layout layout_;
    const StartProcess start_;
    std::map<Conduit, Told> told_;  // of refusals
};

}  // namespace bulkhead::vnet::guard
