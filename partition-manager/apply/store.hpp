// What the manager must remember about the gateway: the spec in force, and what people asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/resources.hpp"
#include "storage/database.hpp"

namespace bulkhead::apply {

struct StoredSpec {
    std::string document;       // the YAML, as it was given
    std::string document_name;  // for places in errors
    std::uint64_t generation = 0;
    bool applied = false;  // it was in force completely at least once
    bool operator==(const StoredSpec&) const = default;
};

// A lock that was set at run time; those of the spec are in the spec.
struct RuntimeLock {
    std::string by;
    std::string reason;
    std::string since;  // RFC 3339
    bool operator==(const RuntimeLock&) const = default;
};

class Store {
  public:
    Store(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    Result<std::optional<StoredSpec>> spec();
    // The newest one that was marked applied, for words about what changed.
    Result<std::optional<StoredSpec>> last_applied();
    // Becomes the spec in force under the next generation, which is returned. The same document as before
    // keeps its generation.
    Result<std::uint64_t> put_spec(const std::string& document, const std::string& document_name);
    Result<> mark_applied(std::uint64_t generation);
    // After everything was removed. The generation goes on counting.
    Result<> forget_spec();

    Result<std::map<model::PartitionName, std::string>> uids();
    Result<> put_uids(const std::map<model::PartitionName, std::string>& uids);

    // Held: stopped by a person, until one starts it.
    Result<std::set<model::PartitionName>> holds();
    Result<> hold(const model::PartitionName& partition, const std::string& by);
    Result<> release_hold(const model::PartitionName& partition);

    Result<std::map<model::PartitionName, RuntimeLock>> locks();
    Result<> lock(const model::PartitionName& partition, const std::string& by, const std::string& reason);
    Result<> unlock(const model::PartitionName& partition);

    Result<std::map<model::DeviceName, model::Assignment>> assignments();
    // Greater than any token that was ever journaled.
    Result<std::uint64_t> next_token();

    // Starts since the machine was defined, counted by the caller.
    Result<std::map<model::PartitionName, std::uint32_t>> starts();
    Result<> count_start(const model::PartitionName& partition);

    // Forgets uids, holds, locks and counters of all other partitions. Call when nothing of them is left.
    Result<> retain(const std::set<model::PartitionName>& partitions);

  private:
    storage::Database& database_;
    const Clock& clock_;
};

}  // namespace bulkhead::apply
