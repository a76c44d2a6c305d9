// What the console last said of this gateway and its partitions. May be used from any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::trust {

class Results {
  public:
    // Trust that is older than this says nothing of now. An alarm does not grow old.
    static constexpr std::chrono::seconds fresh{180};

    explicit Results(const Clock& clock) : clock_(clock) {}

    // All of them at once. An empty partition is the host.
    void set(const v1alpha1::AttestationResults& results);
    // Why there is none: "no TPM on this host", "not enrolled".
    void set_reason(std::string reason);
    // What the host's TPM is, for partitions without a result; empty: the host has none.
    void set_anchor(std::string anchor);

    // Always answers: unknown, with the reason, of whatever the console has not judged.
    v1alpha1::AttestationView view(const std::string& partition) const;

  private:
    struct Entry {
        v1alpha1::AttestationView view;
        MonotonicTime received;
    };
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::string anchor_;
    std::string reason_ = "no console has judged this gateway yet";
};

}  // namespace bulkhead::trust
