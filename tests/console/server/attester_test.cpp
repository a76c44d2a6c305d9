// When the console asks a gateway for evidence.
#include "console/server/attester.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "console/store/sqlite_store.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

class AttesterTest : public testing::Test {
  protected:
    // How many challenges go out within this time, with a tick each second.
    std::size_t asked_within(seconds time) {
        const auto before = sent_.size();
        for (; time > seconds{0}; time -= seconds{1}) {
            clock_.pass(seconds{1});
            attester_.tick();
        }
        return sent_.size() - before;
    }
    void answer_last() {
        bulkhead::attest::v1::Evidence evidence;
        evidence.set_round(sent_.back().challenge().round());
        attester_.evidence(
            evidence);  // of a gateway that the store does not know: it closes the round all the same
    }

    Folder folder_;
    SetClock clock_;
    std::unique_ptr<SqliteStore> store_ = SqliteStore::open(folder_ / "console.db").value();
    Roster roster_;
    Watchers watchers_;
    Leases leases_;
    std::vector<api::FromConsole> sent_;
    Attester attester_{{*store_, roster_, watchers_, leases_, clock_, seconds{2}},
                       "press-3",
                       "key",
                       [this](api::FromConsole message) { sent_.push_back(std::move(message)); }};
};

TEST_F(AttesterTest, asks_once_a_round) {
    attester_.tick();
    ASSERT_EQ(sent_.size(), 1U);
    answer_last();
    EXPECT_EQ(asked_within(seconds{2}), 1U);
}

// A guest may take longer to answer than rounds are apart.
TEST_F(AttesterTest, lets_a_round_finish_that_takes_longer_than_rounds_are_apart) {
    attester_.tick();
    EXPECT_EQ(asked_within(seconds{12}), 0U);
    answer_last();
    EXPECT_EQ(asked_within(seconds{1}), 1U);
}

TEST_F(AttesterTest, asks_again_if_an_answer_was_lost) {
    attester_.tick();
    EXPECT_EQ(asked_within(seconds{25}), 1U);
}

}  // namespace
}  // namespace bulkhead::console
