#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/describe_text.hpp"
#include "cli/lists.hpp"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

api::ConduitList some_conduits() {
    api::ConduitList list;
    auto& straight = *list.add_items();
    straight.set_name("readings");
    straight.set_open(true);
    return list;
}

api::ConduitList with_guard() {
    auto list = some_conduits();
    auto& guarded = *list.add_items();
    guarded.set_name("set-points");
    guarded.set_open(true);
    guarded.mutable_guard()->set_rules("unit 1 read coils 0");
    guarded.mutable_guard()->set_passed(12);
    guarded.mutable_guard()->set_refused(3);
    guarded.mutable_guard()->set_last("unit 1, function 6: no rule allows this");
    return list;
}

TEST(ConduitTable, counts_requests_where_there_is_a_guard) {
    EXPECT_THAT(conduit_table(some_conduits(), false).text(false), Not(HasSubstr("REFUSED")));
    EXPECT_THAT(conduit_table(with_guard(), false).text(false), HasSubstr("REFUSED"));
}

TEST(ConduitTable, says_what_is_wrong_with_a_guard) {
    auto list = with_guard();
    list.mutable_items(1)->mutable_guard()->set_problem("no guard answers");
    EXPECT_THAT(conduit_table(list, false).text(false),
                HasSubstr("! set-points: its guard: no guard answers"));
    EXPECT_THAT(describe(list.items(1), false), HasSubstr("no guard answers"));
}

TEST(DescribeConduit, says_what_may_be_said_and_what_was_not) {
    const auto text = describe(with_guard().items(1), false);
    EXPECT_THAT(text, HasSubstr("unit 1 read coils 0"));
    EXPECT_THAT(text, HasSubstr("3 refused, 12 passed"));
    EXPECT_THAT(text, HasSubstr("unit 1, function 6: no rule allows this"));
    EXPECT_THAT(describe(some_conduits().items(0), false), Not(HasSubstr("guard")));
}

}  // namespace
}  // namespace bulkhead::cli
