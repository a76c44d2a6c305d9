// Wrong passwords, counted for each user and each address: after a few, the next try must wait, longer each
// time.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"

namespace bulkhead::console {

class Attempts {
  public:
    explicit Attempts(const Clock& clock) : clock_(clock) {}
    // How long these must wait; 0: they may try.
    std::chrono::seconds wait(const std::string& user, const std::string& address);
    void failed(const std::string& user, const std::string& address);
    void succeeded(const std::string& user, const std::string& address);

  private:
    struct Count {
        unsigned failures = 0;
        MonotonicTime next;
    };
    void count(const std::string& key);
    void forget_old();

    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Count> counts_;  // "user:anna", "address:127.0.0.1"
};

}  // namespace bulkhead::console
