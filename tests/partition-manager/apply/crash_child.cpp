// The manager's core in a process of its own, to be killed: store, journal and executor over a world that is
// kept in a file. Arguments: folder, generation of the spec (1: the factory, 2: the factory changed), the
// call of the driver at which to die (0: never), and "before" or "after" its effect.
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "partition-manager/apply/recovery.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/plan/planner.hpp"
#include "tests/fake/driver.hpp"
#include "tests/fake/specs.hpp"
#include "tests/partition-manager/apply/crash_specs.hpp"

namespace bulkhead::apply {
namespace {

Result<model::Plan> plan_for(Store& store, const model::Permits& permits,
                             const std::set<model::PartitionName>& restart, const model::Observed& observed) {
    BULKHEAD_TRY_ASSIGN(const auto stored, store.spec());
    const auto spec = crash_spec(stored->document);
    plan::Intent intent;
    intent.spec = &spec;
    intent.permits = permits;
    intent.restart = restart;
    BULKHEAD_TRY_ASSIGN(intent.uids, store.uids());
    BULKHEAD_TRY_ASSIGN(intent.assignments, store.assignments());
    BULKHEAD_TRY_ASSIGN(intent.next_token, store.next_token());
    return plan::make_plan(intent, observed);
}

Result<> manage(const std::filesystem::path& folder, const std::string& document, fake::Driver& driver) {
    const SystemClock clock;
    BULKHEAD_TRY_ASSIGN(const auto database, storage::Database::open(folder / "state.db"));
    BULKHEAD_TRY(migrate(*database));
    Store store(*database, clock);
    Journal journal(*database, clock);
    Executor executor({&driver}, journal, clock);

    const Replan replan = [&](const Operation& operation, const model::Observed& observed) {
        return plan_for(store, operation.permits, operation.restart, observed);
    };
    BULKHEAD_TRY_ASSIGN(const auto recovered, recover(journal, executor, replan));
    if (recovered && !recovered->ok()) return std::unexpected(*recovered->error);
    if (document.empty()) return {};

    Operation operation{new_operation_id(clock), "apply", "uid:0", 0, {}, {}};
    if (document == "restart") {
        operation.restart.insert(model::PartitionName("press"));
    } else {
        BULKHEAD_TRY_ASSIGN(operation.generation, store.put_spec(document, document));
        BULKHEAD_TRY(store.put_uids(fake::uids_of(crash_spec(document))));
    }
    BULKHEAD_TRY_ASSIGN(const auto observed, executor.observe());
    BULKHEAD_TRY_ASSIGN(const auto plan, plan_for(store, operation.permits, operation.restart, observed));
    BULKHEAD_TRY_ASSIGN(const auto outcome, executor.run(operation, plan));
    if (outcome.error) return std::unexpected(*outcome.error);
    return {};
}

}  // namespace
}  // namespace bulkhead::apply

int main(int count, char** arguments) {
    if (count != 5) return 2;
    const std::filesystem::path folder(arguments[1]);
    const auto fatal_call = static_cast<unsigned>(std::atoi(arguments[3]));
    const auto fatal_moment =
        std::string(arguments[4]) == "after" ? bulkhead::fake::Moment::after : bulkhead::fake::Moment::before;
    bulkhead::fake::Driver driver(folder / "world");
    driver.on_action([&](bulkhead::fake::Moment moment, const bulkhead::model::Action&) {
        if (driver.calls() == fatal_call && moment == fatal_moment) ::kill(::getpid(), SIGKILL);
        return bulkhead::Result<>{};
    });
    const auto done = bulkhead::apply::manage(folder, arguments[2], driver);
    if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
