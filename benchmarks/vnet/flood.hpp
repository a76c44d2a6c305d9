// A neighbour that sends as fast as it can, from another core than the one that measures.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "benchmarks/vnet/wire.hpp"

namespace bulkhead::bench {

class Flood {
  public:
    // Sends until it goes. The wire is the flood's for that long.
    Flood(Wire& wire, Frame frame);

    std::uint64_t sent() const { return sent_; }

  private:
    std::atomic<std::uint64_t> sent_ = 0;
    std::jthread thread_;
};

}  // namespace bulkhead::bench
