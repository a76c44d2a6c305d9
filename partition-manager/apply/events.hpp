// What happened, for people and scripts. Bounded: the oldest go first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/names.hpp"
#include "partition-manager/apply/operation.hpp"
#include "storage/database.hpp"

namespace bulkhead::apply {

struct Event {
    std::string code;   // stable: partition.started, ...
    std::string actor;  // uid:0, manager, guest:robot-cell
    model::TenantName tenant;
    OperationId operation;
    model::PartitionName partition;
    std::string text;
};

struct StoredEvent {
    std::uint64_t id = 0;
    std::string time;  // RFC 3339, UTC
    std::string boot_id;
    std::uint64_t monotonic_ms = 0;
    Event event;
};

struct EventFilter {
    model::PartitionName partition;  // empty: all
    model::TenantName tenant;        // empty: all
    // Only greater ids, from the oldest on; nothing: the newest ones.
    std::optional<std::uint64_t> after;
    std::size_t limit = 100;  // at most 1000
};

struct EventPage {
    std::vector<StoredEvent> events;  // oldest first
    std::uint64_t next = 0;           // `after` of the next page; 0: there is none
};

class Events {
  public:
    static constexpr std::size_t default_bound = 100'000;

    Events(storage::Database& database, const Clock& clock, std::string boot_id,
           std::size_t bound = default_bound)
        : database_(database), clock_(clock), boot_id_(std::move(boot_id)), bound_(bound) {}

    Result<std::uint64_t> append(const Event& event);
    // Called on the appending thread after each; set before the first.
    void on_append(std::function<void()> callback) { appended_ = std::move(callback); }
    Result<EventPage> page(const EventFilter& filter);

  private:
    storage::Database& database_;
    const Clock& clock_;
    std::string boot_id_;
    std::size_t bound_;
    std::function<void()> appended_ = [] {};
};

}  // namespace bulkhead::apply
