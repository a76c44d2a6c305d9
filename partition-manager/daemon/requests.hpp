// What people ask for, in terms of the engine. All calls belong to the worker's thread. After an error
// nothing is changed, unless it came from a step of the operation itself.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/signing_key.hpp"
#include "partition-manager/apply/ownership.hpp"
#include "partition-manager/daemon/engine.hpp"

namespace bulkhead::uplink {
class Identity;
}

namespace bulkhead::daemon {

struct Document {
    std::string text;
    std::string name;  // for places in errors
};

// Whose the spec is, and who may say so.
struct Authority {
    apply::Ownership& ownership;
    std::function<Result<std::vector<crypto::VerifyKey>>()> it_keys;  // of this gateway itself
    std::function<std::string()> gateway;                             // the name that it is enrolled under
};
// By what the gateway knows of its membership. Both outlive what they are asked for.
Authority authority_of(apply::Ownership& ownership, const uplink::Identity& identity);

// What on this gateway can't be given to a partition as the document has it, with places.
using DeviceCheck = std::function<Errors(const model::Spec&, const Document&)>;

// Of a request that one error is enough to refuse.
std::unexpected<Errors> refuse(Error error);

class Requests {
  public:
    // Without an authority nobody but a local person owns the spec; without a check any device may be
    // assigned.
    Requests(Engine& engine, apply::Store& store, const policies::Policy& policy,
             std::optional<Authority> authority = std::nullopt, DeviceCheck check_devices = {})
        : engine_(engine),
          store_(store),
          policy_(policy),
          authority_(std::move(authority)),
          check_devices_(std::move(check_devices)) {}

    std::expected<Judged, Errors> plan(const Document& document, const model::Permits& permits);
    // YAML, which an enrolled gateway takes only with a reason for breaking the glass; or IT's signed
    // envelope, whoever brings it.
    std::expected<void, Errors> apply(const Document& document, const model::Permits& permits,
                                      const std::string& actor, const OperationSink& sink,
                                      const std::string& break_glass = {});
    // The envelope alone says what may be disturbed; the actor is the key that signed it.
    std::expected<void, Errors> apply_signed(const Document& envelope, const OperationSink& sink);
    // As the console's: an error says that it was not taken. What fails once it is in force is this gateway's
    // to mend, and stands in its status. What is in force was taken: a console whose line broke before it
    // heard so sends it anew.
    std::expected<void, Errors> take_signed(const Document& envelope);

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

    struct SignedApply {
        bool taken = false;
        std::expected<void, Errors> done;
    };
    SignedApply try_signed(const Document& envelope, const OperationSink& sink);
    Errors refuse_signed(Errors errors, const std::string& actor);
    Result<> note_break_glass(const std::string& reason, const std::string& actor);

    Engine& engine_;
    apply::Store& store_;
    const policies::Policy& policy_;
    const std::optional<Authority> authority_;
    const DeviceCheck check_devices_;
};

}  // namespace bulkhead::daemon
