// A partition that ends again and again is started ever more rarely, and never given up.
#pragma once

#include <chrono>
#include <map>
#include <set>

#include "base/clock.hpp"
#include "model/names.hpp"

namespace bulkhead::daemon {

class StartBackoff {
  public:
    static constexpr std::chrono::seconds first{2};
    static constexpr std::chrono::seconds longest{300};
    // One that ran this long has recovered.
    static constexpr std::chrono::seconds recovered{600};

    // It was started because it had ended by itself.
    void note_restart(const model::PartitionName& partition, MonotonicTime now);
    // A person wants it: no waiting.
    void forget(const model::PartitionName& partition) { entries_.erase(partition); }

    std::set<model::PartitionName> waiting(MonotonicTime now) const;
    // Until the first of them may start; zero if none waits.
    std::chrono::milliseconds next(MonotonicTime now) const;

  private:
    struct Entry {
        std::chrono::seconds delay{0};
        MonotonicTime started;
    };
    std::map<model::PartitionName, Entry> entries_;
};

}  // namespace bulkhead::daemon
