// How many answers may be in the making at once. A console that asks faster than a TPM can answer must not
// fill the memory.
#pragma once

#include <atomic>
#include <memory>

namespace bulkhead::uplink {

class Allowance {
  public:
    explicit Allowance(int most) : left_(std::make_shared<std::atomic<int>>(most)) {}

    // Goes back with its last copy, on any thread; null: all of them are out.
    std::shared_ptr<void> take() const;

  private:
    std::shared_ptr<std::atomic<int>> left_;  // shared with what was taken, which may live longer
};

}  // namespace bulkhead::uplink
