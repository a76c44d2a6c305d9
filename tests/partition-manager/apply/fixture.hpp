#pragma once

#include <memory>

#include "base/file.hpp"
#include "partition-manager/apply/journal.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/plan/planner.hpp"
#include "tests/fake/specs.hpp"
#include "tests/fake/world.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::apply {

// Stands still until it is moved.
struct FixedClock final : Clock {
    std::chrono::milliseconds now{0};
    MonotonicTime monotonic() const override { return MonotonicTime(now); }
    UtcTime utc() const override { return UtcTime(now); }
};

// A fresh database with the plan that makes the factory.
struct Fixture {
    static std::unique_ptr<storage::Database> opened(const Folder& folder) {
        auto database = storage::Database::open(folder / "state.db").value();
        if (const auto done = migrate(*database); !done) std::abort();
        return database;
    }
    static model::Plan factory_plan() {
        const auto spec = fake::factory();
        plan::Intent intent;
        intent.spec = &spec;
        intent.uids = fake::uids_of(spec);
        return plan::make_plan(intent, fake::new_world().observed).value();
    }
    void reopen() {
        database.reset();
        database = opened(folder);
    }
    Store store_again() { return {*database, clock}; }

    Folder folder;
    FixedClock clock;
    std::unique_ptr<storage::Database> database = opened(folder);
    Journal journal{*database, clock};
    model::Plan plan = factory_plan();
    Operation operation{OperationId("op-1"),
                        "apply",
                        "uid:0",
                        3,
                        {{model::PartitionName("press")}, {model::DeviceName("can-1")}, {}},
                        {}};
};

}  // namespace bulkhead::apply
