// kill -9 before and after every single step, and a new start: the end state equals the spec, nothing is left
// over, and nothing is started more often than without the crash.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ostream>

#include "base/file.hpp"
#include "partition-manager/apply/recovery.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/plan/planner.hpp"
#include "tests/fake/driver.hpp"
#include "tests/fake/specs.hpp"
#include "tests/partition-manager/apply/crash_specs.hpp"
#include "tests/partition-manager/apply/folder.hpp"

extern char** environ;

namespace bulkhead::apply {
namespace {

namespace fs = std::filesystem;

// The wait status of the child.
int run_child(const fs::path& folder, std::string document, unsigned fatal_call, std::string moment) {
    std::string program = BULKHEAD_CRASH_CHILD;
    std::string path = folder.string();
    std::string call = std::to_string(fatal_call);
    std::array<char*, 6> arguments{program.data(), path.data(),   document.data(),
                                   call.data(),    moment.data(), nullptr};
    pid_t child = 0;
    if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) return -1;
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

bool was_killed(int status) {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

struct Scenario {
    std::string from;  // applied first, without a crash; empty: a bare gateway
    std::string to;    // applied with a crash
};

void PrintTo(const Scenario& scenario, std::ostream* out) {
    *out << "'" << scenario.from << "' to '" << scenario.to << "'";
}

void prepare(const fs::path& folder, const Scenario& scenario) {
    fs::create_directories(folder);
    if (!scenario.from.empty()) {
        ASSERT_EQ(run_child(folder, scenario.from, 0, "before"), 0);
    }
}

unsigned calls_of(const fs::path& folder) {
    return static_cast<unsigned>(std::ranges::count(read_file(folder / "world", 1UL << 24U).value(), '\n'));
}

void expect_in_force(const fs::path& folder, const Scenario& scenario, const fake::World& wanted) {
    fake::Driver driver(folder / "world");
    EXPECT_EQ(driver.world().observed.machines, wanted.observed.machines);
    EXPECT_EQ(driver.world().observed.ports, wanted.observed.ports);
    EXPECT_EQ(driver.world().observed.rules, wanted.observed.rules);
    EXPECT_EQ(driver.world().observed.volumes, wanted.observed.volumes);
    EXPECT_EQ(driver.world().starts, wanted.starts);

    const SystemClock clock;
    const auto database = storage::Database::open(folder / "state.db").value();
    Store store(*database, clock);
    Journal journal(*database, clock);
    EXPECT_TRUE(journal.unfinished().value().empty());
    const auto document = scenario.to == "restart" ? scenario.from : scenario.to;
    const auto spec = crash_spec(document);
    plan::Intent intent;
    intent.spec = &spec;
    intent.uids = fake::uids_of(spec);
    intent.assignments = store.assignments().value();
    intent.next_token = store.next_token().value();
    EXPECT_TRUE(plan::make_plan(intent, driver.world().observed).value().empty());
}

class Crash : public testing::TestWithParam<Scenario> {};

TEST_P(Crash, at_any_step_is_followed_by_the_spec_in_force) {
    const auto& scenario = GetParam();
    const Folder root;
    prepare(root / "whole", scenario);
    const auto calls_before = scenario.from.empty() ? 0 : calls_of(root / "whole");
    ASSERT_EQ(run_child(root / "whole", scenario.to, 0, "before"), 0);
    const auto steps = calls_of(root / "whole") - calls_before;
    ASSERT_GE(steps, 2U);
    const auto wanted = fake::Driver(root / "whole" / "world").world();

    prepare(root / "start", scenario);
    for (unsigned call = 1; call <= steps; ++call)
        for (const std::string moment : {"before", "after"}) {
            SCOPED_TRACE(moment + " call " + std::to_string(call));
            const auto folder = root / "one";
            fs::copy(root / "start", folder);
            ASSERT_TRUE(was_killed(run_child(folder, scenario.to, call, moment)));
            // Killed again at the first thing that it does then, if it does anything.
            run_child(folder, "", 1, moment);
            EXPECT_EQ(run_child(folder, "", 0, "before"), 0);
            expect_in_force(folder, scenario, wanted);
            fs::remove_all(folder);
        }
}

INSTANTIATE_TEST_SUITE_P(Plans, Crash,
                         testing::Values(Scenario{"", "factory"}, Scenario{"factory", "changed"},
                                         Scenario{"factory", "nothing"}, Scenario{"factory", "restart"}),
                         [](const auto& test) {
                             return (test.param.from.empty() ? "bare" : test.param.from) + "_to_" +
                                    test.param.to;
                         });

}  // namespace
}  // namespace bulkhead::apply
