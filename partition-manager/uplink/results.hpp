// What the console last said of this gateway and its partitions, with its age by our own monotonic clock.
// From any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::uplink {

class Results {
  public:
    // Older ones prove nothing any more.
    static constexpr std::chrono::minutes fresh_for{5};

    explicit Results(const Clock& clock) : clock_(clock) {}

    void set(const v1alpha1::AttestationResults& results);
    // `partition` empty: the host. Nothing was ever said: nothing. A trusted one that is too old is stale.
    std::optional<v1alpha1::AttestationView> of(const std::string& partition) const;
    bool is_trusted_now(const std::string& partition) const;

  private:
    struct Said {
        v1alpha1::AttestationView view;
        MonotonicTime at;
    };
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Said> said_;
};

}  // namespace bulkhead::uplink
