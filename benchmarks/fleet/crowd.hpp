// Gateways of one process that are connected to their console by the real client: uplink::Line over
// channel::open_pinned, two threads each. Their attestation is silent, for they have no TPM.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "partition-manager/uplink/line.hpp"

namespace bulkhead::benchmarks {

class Crowd {
  public:
    // At most `at_once` of them shake hands at a time: all of them at once would measure their time limits.
    Crowd(const std::filesystem::path& folder, std::ptrdiff_t at_once);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    Result<> open(std::size_t gateways);
    // Returns when each has been welcomed or has failed.
    void connect();
    std::size_t connected() const { return connected_; }

  private:
    struct Gateway;
    void run(Gateway& gateway, const std::stop_token& stop);

    const std::filesystem::path folder_;
    const std::ptrdiff_t at_once_;
    const SystemClock clock_;
    std::counting_semaphore<> turns_;
    std::atomic<std::size_t> connected_ = 0;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<uplink::Spool> spool_;  // one for all: it is empty
    std::vector<std::unique_ptr<Gateway>> gateways_;
};

}  // namespace bulkhead::benchmarks
