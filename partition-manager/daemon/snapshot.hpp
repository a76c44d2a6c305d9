// What the worker last knew, published whole: readers on other threads never see a half-made state and never
// wait for the worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/observed.hpp"
#include "model/spec.hpp"

namespace bulkhead::daemon {

enum class Phase {
    none,      // no spec yet
    applying,  // an operation is in progress
    applied,   // the machine is as the spec says
    drifting,  // it differs, and only a person may allow what would mend it
    waiting,   // something needed is not there now, such as libvirtd; trying again
    failed,    // a step failed; trying again
};

std::string_view to_string(Phase phase);

// A difference that background reconciliation may not remove.
struct Drift {
    std::string subject;
    std::string what;
    std::string rule;
    std::string mend;
    bool operator==(const Drift&) const = default;
};

struct LockRecord {
    model::Lock lock;
    std::string since;  // RFC 3339; empty for one that stands in the spec
    bool operator==(const LockRecord&) const = default;
};

struct Snapshot {
    std::shared_ptr<const model::Spec>
        spec;  // null: none yet. Shared: readers may outlive the next publication.
    std::uint64_t generation = 0;
    Phase phase = Phase::none;
    std::string reason;
    bool looked = false;  // `observed` was seen by this daemon, and is not just empty
    model::Observed observed;
    std::vector<Drift> drift;
    std::set<model::PartitionName> held;  // stopped by a person
    std::map<model::PartitionName, LockRecord> locks;
    std::map<model::PartitionName, unsigned> starts;
    std::string operation;  // in progress
};

class Board {
  public:
    using Ptr = std::shared_ptr<const Snapshot>;  // shared by readers on several threads

    // From any thread.
    Ptr current() const;
    void publish(Snapshot snapshot);
    // Called on the publishing thread after each publication; set before the first.
    void on_publish(std::function<void()> callback) { callback_ = std::move(callback); }

  private:
    mutable std::mutex mutex_;
    Ptr current_ = std::make_shared<const Snapshot>();
    std::function<void()> callback_;
};

}  // namespace bulkhead::daemon
