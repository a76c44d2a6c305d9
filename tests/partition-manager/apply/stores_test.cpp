#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "partition-manager/apply/events.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/apply/store.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::apply {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Stores : testing::Test, Fixture {
    Store store{*database, clock};
};

TEST_F(Stores, the_spec_in_force_survives_and_its_generation_grows) {
    EXPECT_EQ(store.spec().value(), std::nullopt);
    EXPECT_EQ(store.put_spec("one", "factory.yaml").value(), 1U);
    EXPECT_EQ(store.put_spec("one", "factory.yaml").value(), 1U);
    ASSERT_TRUE(store.mark_applied(1));
    EXPECT_EQ(store.put_spec("two", "factory.yaml").value(), 2U);
    reopen();
    EXPECT_EQ(store_again().spec().value(), (StoredSpec{"two", "factory.yaml", 2, false}));
    EXPECT_EQ(store_again().last_applied().value()->document, "one");
}

// It holds topology, settings, and who did what; other users of the gateway have no business there.
TEST_F(Stores, the_database_is_roots_alone_and_one_of_an_older_version_becomes_so) {
    const auto modes = [this] {
        std::set<unsigned> all;
        for (const char* name : {"state.db", "state.db-wal", "state.db-shm"}) {
            struct stat status{};
            EXPECT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
            all.insert(status.st_mode & 07777);
        }
        return all;
    };
    EXPECT_THAT(modes(), ElementsAre(0600U));
    for (const char* name : {"state.db", "state.db-wal", "state.db-shm"})
        ASSERT_EQ(::chmod((folder / name).c_str(), 0644), 0);
    const auto again = storage::Database::open(folder / "state.db");
    ASSERT_TRUE(again);
    EXPECT_THAT(modes(), ElementsAre(0600U));
}

// What another process sees of the locks on a file; its own are never in its way, so a child has to ask.
bool is_locked(const std::filesystem::path& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        struct flock asked{};
        asked.l_type = F_WRLCK;
        asked.l_whence = SEEK_SET;
        ::_exit(file >= 0 && ::fcntl(file, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

// A process that is seen without a lock loses its log to the next one that opens and closes the database.
TEST_F(Stores, a_second_connection_leaves_the_first_its_locks) {
    ASSERT_TRUE(store.put_spec("one", ""));
    ASSERT_TRUE(is_locked(folder / "state.db"));
    ASSERT_TRUE(storage::Database::open(folder / "state.db"));
    EXPECT_TRUE(is_locked(folder / "state.db"));
    const auto second = storage::Database::open(folder / "state.db");
    EXPECT_TRUE(is_locked(folder / "state.db"));
}

TEST_F(Stores, a_forgotten_spec_leaves_the_generation_counting) {
    ASSERT_TRUE(store.put_spec("one", ""));
    ASSERT_TRUE(store.forget_spec());
    EXPECT_EQ(store.spec().value(), std::nullopt);
    EXPECT_EQ(store.put_spec("one", "").value(), 2U);
}

TEST_F(Stores, an_applied_spec_is_kept_however_many_fail_after_it) {
    ASSERT_TRUE(store.put_spec("good", ""));
    ASSERT_TRUE(store.mark_applied(1));
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.put_spec("bad" + std::to_string(i), ""));
    EXPECT_EQ(store.last_applied().value()->document, "good");
}

TEST_F(Stores, what_people_asked_for_is_kept_until_the_partition_is_gone) {
    const model::PartitionName press("press");
    ASSERT_TRUE(store.put_uids({{press, "u"}}));
    ASSERT_TRUE(store.hold(press, "uid:0"));
    ASSERT_TRUE(store.lock(press, "anna", "test run"));
    ASSERT_TRUE(store.count_start(press));
    ASSERT_TRUE(store.count_start(press));
    EXPECT_TRUE(store.holds()->contains(press));
    EXPECT_EQ(store.locks()->at(press), (RuntimeLock{"anna", "test run", "1970-01-01T00:00:00.000Z"}));
    EXPECT_EQ(store.starts()->at(press), 2U);
    ASSERT_TRUE(store.retain({press}));
    EXPECT_EQ(store.uids()->size(), 1U);
    ASSERT_TRUE(store.retain({}));
    EXPECT_TRUE(store.uids()->empty() && store.holds()->empty() && store.locks()->empty() &&
                store.starts()->empty());
}

TEST_F(Stores, events_come_in_pages_by_filter) {
    Events events(*database, clock, "boot");
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(events.append({"partition.started", "manager", model::TenantName(i % 2 ? "acme" : "it"),
                                   OperationId("op"), model::PartitionName("p"), std::to_string(i)}));
    const auto page = events.page({{}, model::TenantName("it"), 0, 2}).value();
    ASSERT_EQ(page.events.size(), 2U);
    EXPECT_EQ(page.events[1].event.text, "2");
    EXPECT_EQ(page.events[1].boot_id, "boot");
    const auto rest = events.page({{}, model::TenantName("it"), page.next, 2}).value();
    ASSERT_EQ(rest.events.size(), 1U);
    EXPECT_EQ(rest.events[0].event.text, "4");
    EXPECT_EQ(rest.next, 0U);
    EXPECT_TRUE(events.page({model::PartitionName("other"), {}, 0, 2})->events.empty());
}

TEST_F(Stores, events_are_the_newest_in_their_order_if_no_page_is_named) {
    Events events(*database, clock, "boot");
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(events.append({"code", "manager", {}, {}, {}, std::to_string(i)}));
    const auto page = events.page({{}, {}, {}, 2}).value();
    ASSERT_EQ(page.events.size(), 2U);
    EXPECT_EQ(page.events[0].event.text, "3");
    EXPECT_EQ(page.events[1].event.text, "4");
    EXPECT_EQ(page.next, 0U);
}

TEST_F(Stores, the_oldest_events_go_first) {
    Events events(*database, clock, "boot", 3);
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(events.append({"code", "manager", {}, {}, {}, std::to_string(i)}));
    const auto page = events.page({}).value();
    ASSERT_EQ(page.events.size(), 3U);
    EXPECT_EQ(page.events[0].event.text, "7");
}

TEST_F(Stores, a_failed_transaction_leaves_nothing_behind) {
    const auto done = database->transaction([&]() -> Result<> {
        BULKHEAD_TRY(store.put_spec("one", ""));
        return fail(Code::io, "no");
    });
    EXPECT_FALSE(done);
    EXPECT_EQ(store.spec().value(), std::nullopt);
    EXPECT_TRUE(store.put_spec("two", ""));
}

TEST_F(Stores, a_full_disk_is_named_and_changes_nothing) {
    ASSERT_TRUE(store.put_spec("one", ""));
    ASSERT_TRUE(database->script("PRAGMA max_page_count = 1"));
    const auto stored = store.put_spec(std::string(1U << 20U, 'x'), "");
    ASSERT_FALSE(stored);
    EXPECT_THAT(stored.error().mend, HasSubstr("the disk is full"));
    ASSERT_TRUE(database->script("PRAGMA max_page_count = 1000000"));
    EXPECT_EQ(store.spec().value()->document, "one");
    EXPECT_TRUE(store.put_spec("two", ""));
}

TEST_F(Stores, a_file_that_is_no_database_is_refused) {
    ASSERT_TRUE(write_file_atomically(folder / "other.db", std::string(4096, 'x')));
    const auto opened = storage::Database::open(folder / "other.db");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::corrupt);
}

// The next release's schema, as a release would add it.
constexpr storage::Migration add_note = "ALTER TABLE spec ADD COLUMN note TEXT NOT NULL DEFAULT 'none'";

TEST_F(Stores, an_upgrade_keeps_the_data_and_the_plan_in_flight) {
    ASSERT_TRUE(store.put_spec("one", ""));
    ASSERT_TRUE(journal.begin(operation, plan));
    ASSERT_TRUE(journal.step_started(operation.id, 0, plan.steps[0].action));
    std::vector<storage::Migration> next(migrations().begin(), migrations().end());
    next.push_back(add_note);
    reopen();
    ASSERT_TRUE(storage::migrate(*database, next, "bulkheadd next"));
    ASSERT_TRUE(storage::migrate(*database, next, "bulkheadd next"));
    EXPECT_EQ(database->query("SELECT document, note FROM spec")->front().text(1), "none");
    Journal again(*database, clock);
    EXPECT_THAT(again.unfinished().value(), ElementsAre(operation));
    const auto read = again.read(operation.id).value();
    ASSERT_EQ(read.steps.size(), plan.steps.size());
    EXPECT_EQ(read.steps[0].state, StepState::started);
    EXPECT_EQ(read.steps[0].step, plan.steps[0]);
}

TEST_F(Stores, a_newer_database_is_refused_and_left_alone) {
    std::vector<storage::Migration> next(migrations().begin(), migrations().end());
    next.push_back(add_note);
    ASSERT_TRUE(storage::migrate(*database, next, "bulkheadd next"));
    const auto refused = migrate(*database);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::newer);
    EXPECT_THAT(refused.error().what, HasSubstr("written by bulkheadd"));
    EXPECT_EQ(database->query("PRAGMA user_version")->front().number(0), schema_version() + 1);
}

TEST_F(Stores, a_migration_that_fails_halfway_changes_nothing) {
    std::vector<storage::Migration> next(migrations().begin(), migrations().end());
    next.push_back("CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)");
    EXPECT_FALSE(storage::migrate(*database, next, "bulkheadd next"));
    EXPECT_EQ(database->query("PRAGMA user_version")->front().number(0), schema_version());
    EXPECT_TRUE(database->query("SELECT name FROM sqlite_master WHERE name = 'half'")->empty());
}

}  // namespace
}  // namespace bulkhead::apply
