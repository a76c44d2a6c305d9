// Wrong passwords, counted for each user and each address: after a few, the next try must wait, longer each
// time. From where a user has signed in before, only the wrong ones from there count against that user: a
// stranger who guesses does not lock out who works.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::console {

class Attempts {
  public:
    explicit Attempts(const Clock& clock) : clock_(clock) {}
    // How long these must wait; 0: they may try. An empty address counts for none.
    std::chrono::seconds wait(const std::string& user, const std::string& address);
    void failed(const std::string& user, const std::string& address);
    void succeeded(const std::string& user, const std::string& address);

  private:
    struct Count {
        unsigned failures = 0;
        MonotonicTime next;
    };
    // What this user's tries from this address are counted by.
    std::vector<std::string> keys_of(const std::string& user, const std::string& address) const;
    void count(const std::string& key);
    void forget_old();

    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Count> counts_;  // "user:anna", "address:127.0.0.1", "known:anna 127.0.0.1"
    std::set<std::string> known_;          // "known:anna 127.0.0.1": signed in from there
};

}  // namespace bulkhead::console
