// What people ask for, in terms of the engine. All calls belong to the worker's thread. After an error
// nothing is changed, unless it came from a step of the operation itself.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "partition-manager/daemon/engine.hpp"

namespace bulkhead::daemon {

struct Document {
    std::string text;
    std::string name;  // for places in errors
};

class Requests {
  public:
    Requests(Engine& engine, apply::Store& store, const policies::Policy& policy)
        : engine_(engine), store_(store), policy_(policy) {}

    std::expected<Judged, Errors> plan(const Document& document, const model::Permits& permits);
    std::expected<void, Errors> apply(const Document& document, const model::Permits& permits,
                                      const std::string& actor, const OperationSink& sink);

    // What this gateway would measure if that document were in force: reference values for IT to sign (JSON).
    using Measure = std::function<Result<std::string>(const model::Spec&)>;
    std::expected<std::string, Errors> measure(const Document& document, const Measure& measure);

    enum class Run { start, stop, restart };
    std::expected<void, Errors> set_run(const model::PartitionName& partition, Run run,
                                        const std::string& actor, const OperationSink& sink);

    // Locking an already locked partition replaces the reason. A lock that stands in the spec can't be undone
    // here.
    std::expected<void, Errors> lock(const model::PartitionName& partition, const std::string& actor,
                                     const std::string& reason);
    std::expected<void, Errors> unlock(const model::PartitionName& partition, const std::string& actor);

    // Removes all partitions with their volumes, and the spec. Refused while anything is locked.
    std::expected<void, Errors> tear_down(const std::string& actor, const OperationSink& sink);

  private:
    std::expected<model::Spec, Errors> read(const Document& document) const;
    Change change_to(const model::Spec* spec, const model::Permits& permits, std::string actor) const;
    const model::Partition* find(const model::PartitionName& partition) const;

    Engine& engine_;
    apply::Store& store_;
    const policies::Policy& policy_;
};

}  // namespace bulkhead::daemon
