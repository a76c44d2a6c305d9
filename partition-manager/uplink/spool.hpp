// Events that wait for the console: copies, made by a trigger in the transaction of each event
// (apply/schema.cpp), bounded and with the least important and oldest dropped first. Delivered in order, and
// each batch once: one is in flight until it is acknowledged, by an ack or by the next Welcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "storage/database.hpp"

namespace bulkhead::uplink {

class Spool {
  public:
    static constexpr std::size_t default_bound = 20'000;
    static constexpr std::size_t longest_batch = 200;

    explicit Spool(storage::Database& database) : database_(database) {}

    // From now on events wait for a console that knows nothing yet: also those that there are.
    Result<> begin(std::size_t bound = default_bound);
    // The same, unless it has begun: a database that was made anew knows nothing of the console.
    Result<> begin_once();
    // No console any more.
    Result<> end();

    // The next batch if none is in flight; the same one again after resume().
    Result<std::optional<v1alpha1::SpooledEvents>> next(const std::string& gateway);
    Result<> acknowledge(std::uint64_t id);
    // A connection begins, and the console has events up to `have`.
    Result<> resume(std::uint64_t have);

    Result<std::uint64_t> waiting();
    Result<std::uint64_t> first();  // oldest; 0: none

  private:
    storage::Database& database_;
};

}  // namespace bulkhead::uplink
