#include "partition-manager/uplink/spool.hpp"

#include <gmock/gmock.h>

#include "partition-manager/apply/events.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::uplink {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct SpoolTest : testing::Test {
    void happen(const std::string& code, const std::string& text = {}) {
        ASSERT_TRUE(events.append({code, "manager", {}, {}, {}, text}));
    }
    v1alpha1::SpooledEvents next() {
        auto batch = spool.next("press-line-3");
        EXPECT_TRUE(batch);
        return batch && *batch ? **batch : v1alpha1::SpooledEvents();
    }
    static std::vector<std::string> texts(const v1alpha1::SpooledEvents& batch) {
        std::vector<std::string> all;
        for (const auto& event : batch.items()) all.push_back(event.text());
        return all;
    }
    static std::uint64_t last(const v1alpha1::SpooledEvents& batch) { return batch.items().rbegin()->id(); }
    void reopen() {
        database.reset();
        database = apply::Fixture::opened(folder);
    }

    apply::Folder folder;
    apply::FixedClock clock;
    std::unique_ptr<storage::Database> database = apply::Fixture::opened(folder);
    apply::Events events{*database, clock, "boot"};
    Spool spool{*database};
};

TEST_F(SpoolTest, a_gateway_without_a_console_spools_nothing) {
    happen("partition.started");
    EXPECT_EQ(spool.waiting().value(), 0U);
    EXPECT_FALSE(spool.next("press-line-3").value());
}

TEST_F(SpoolTest, joining_sends_what_happened_before_too) {
    happen("partition.started", "a");
    ASSERT_TRUE(spool.begin());
    happen("partition.stopped", "b");
    const auto batch = next();
    EXPECT_THAT(texts(batch), ElementsAre("a", "b"));
    EXPECT_EQ(batch.items(0).id(), 1U);
    EXPECT_EQ(batch.items(0).gateway(), "press-line-3");
    EXPECT_EQ(batch.items(0).code(), "partition.started");
    EXPECT_EQ(batch.dropped(), 0U);
}

TEST_F(SpoolTest, a_database_made_anew_under_an_enrolled_gateway_spools_from_then_on) {
    happen("agent.hello", "a");
    ASSERT_TRUE(spool.begin_once());
    happen("agent.hello", "b");
    EXPECT_THAT(texts(next()), ElementsAre("a", "b"));
    ASSERT_TRUE(spool.begin_once());
    EXPECT_FALSE(spool.next("press-line-3").value()) << "the batch is in flight still";
}

TEST_F(SpoolTest, of_what_happened_before_the_important_is_kept_and_the_rest_is_counted) {
    happen("partition.locked", "lock");
    for (const auto* text : {"1", "2", "3"}) happen("agent.hello", text);
    ASSERT_TRUE(spool.begin(3));
    const auto batch = next();
    EXPECT_THAT(texts(batch), ElementsAre("lock", "2", "3"));
    EXPECT_EQ(batch.dropped(), 1U);
}

TEST_F(SpoolTest, a_batch_is_in_flight_until_it_is_acknowledged) {
    ASSERT_TRUE(spool.begin());
    happen("agent.hello", "a");
    const auto batch = next();
    happen("agent.hello", "b");
    EXPECT_FALSE(spool.next("press-line-3").value());
    ASSERT_TRUE(spool.acknowledge(last(batch)));
    EXPECT_THAT(texts(next()), ElementsAre("b"));
}

TEST_F(SpoolTest, what_was_not_acknowledged_is_sent_again_and_what_arrived_is_not) {
    ASSERT_TRUE(spool.begin());
    happen("agent.hello", "a");
    happen("agent.hello", "b");
    const auto batch = next();
    // The line broke before the batch arrived.
    ASSERT_TRUE(spool.resume(0));
    EXPECT_THAT(texts(next()), ElementsAre("a", "b"));
    // It broke after it had arrived, before the ack.
    ASSERT_TRUE(spool.resume(last(batch)));
    EXPECT_FALSE(spool.next("press-line-3").value());
    EXPECT_EQ(spool.waiting().value(), 0U);
}

TEST_F(SpoolTest, it_is_bounded_and_drops_the_least_important_and_oldest_first) {
    ASSERT_TRUE(spool.begin(4));
    happen("partition.locked", "lock");
    for (const auto* text : {"1", "2", "3"}) happen("agent.hello", text);
    happen("attestation.untrusted", "bad");
    happen("partition.stopped", "stop");
    EXPECT_EQ(spool.waiting().value(), 4U);
    const auto batch = next();
    EXPECT_THAT(texts(batch), ElementsAre("lock", "3", "bad", "stop"));
    EXPECT_EQ(batch.dropped(), 2U);
}

TEST_F(SpoolTest, each_drop_is_told_once) {
    ASSERT_TRUE(spool.begin(2));
    for (const auto* text : {"1", "2", "3"}) happen("agent.hello", text);
    EXPECT_EQ(next().dropped(), 1U);
    // Lost on the way: told again, and not twice.
    ASSERT_TRUE(spool.resume(0));
    const auto again = next();
    EXPECT_EQ(again.dropped(), 1U);
    for (const auto* text : {"4", "5", "6"}) happen("agent.hello", text);
    ASSERT_TRUE(spool.acknowledge(last(again)));
    std::uint64_t dropped = 0, arrived = 0;
    for (auto batch = next(); batch.items_size() > 0; batch = next()) {
        dropped += batch.dropped();
        arrived += static_cast<std::uint64_t>(batch.items_size());
        ASSERT_TRUE(spool.acknowledge(last(batch)));
    }
    // Of 4, 5 and 6 each has arrived or was counted.
    EXPECT_EQ(arrived + dropped, 3U);
    EXPECT_GT(arrived, 0U);
}

TEST_F(SpoolTest, what_is_in_flight_is_not_dropped) {
    ASSERT_TRUE(spool.begin(4));
    for (const auto* text : {"1", "2", "3"}) happen("agent.hello", text);
    const auto batch = next();
    for (const auto* text : {"4", "5", "6", "7", "8"}) happen("agent.hello", text);
    ASSERT_TRUE(spool.resume(0));
    EXPECT_THAT(texts(next()), ElementsAre("1", "2", "3", "5", "6", "7", "8"));
}

TEST_F(SpoolTest, it_outlives_the_daemon) {
    ASSERT_TRUE(spool.begin());
    happen("agent.hello", "a");
    next();
    database.reset();
    auto again = apply::Fixture::opened(folder);
    Spool reopened{*again};
    ASSERT_TRUE(reopened.resume(0));
    const auto batch = reopened.next("press-line-3").value();
    ASSERT_TRUE(batch);
    EXPECT_THAT(batch->items(), SizeIs(1));
    database = std::move(again);
}

TEST_F(SpoolTest, a_batch_is_bounded_and_the_next_goes_on_in_order) {
    ASSERT_TRUE(spool.begin());
    for (std::size_t i = 0; i < Spool::longest_batch + 5; ++i) happen("agent.hello", std::to_string(i));
    const auto first = next();
    EXPECT_EQ(static_cast<std::size_t>(first.items_size()), Spool::longest_batch);
    ASSERT_TRUE(spool.acknowledge(last(first)));
    const auto second = next();
    EXPECT_EQ(second.items_size(), 5);
    EXPECT_EQ(second.items(0).id(), last(first) + 1);
}

TEST_F(SpoolTest, a_database_made_anew_counts_on_behind_what_the_console_has) {
    ASSERT_TRUE(spool.begin());
    happen("agent.hello", "a");
    happen("agent.hello", "b");
    ASSERT_TRUE(spool.resume(5000));
    happen("agent.hello", "c");
    const auto batch = next();
    EXPECT_THAT(texts(batch), ElementsAre("a", "b", "c"));
    EXPECT_EQ(batch.items(0).id(), 5001U);
    EXPECT_EQ(batch.items(2).id(), 5003U);
}

// Else a stolen console could make the database refuse every event, and with it every change, for good.
TEST_F(SpoolTest, a_console_that_has_more_events_than_can_be_is_not_believed) {
    ASSERT_TRUE(spool.begin());
    happen("agent.hello", "a");
    for (const std::uint64_t have :
         {std::uint64_t{INT64_MAX} - 1, std::uint64_t{INT64_MAX}, std::uint64_t{1} << 63U, UINT64_MAX}) {
        EXPECT_FALSE(spool.resume(have)) << have;
        happen("agent.hello", "b");
    }
    ASSERT_TRUE(spool.resume(std::uint64_t{1} << 48U));
    ASSERT_TRUE(spool.resume(std::uint64_t{1} << 48U));
    happen("agent.hello", "c");
    EXPECT_THAT(texts(next()), ElementsAre("a", "b", "b", "b", "b", "c"));
}

}  // namespace
}  // namespace bulkhead::uplink
