#include "tests/partition-manager/daemon/capture_scene.hpp"

namespace bulkhead::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using CaptureGrantTest = CaptureScene;

TEST_F(CaptureGrantTest, of_an_interface_is_all_that_passes_it) {
    for (const auto& caller : {root, anna, vendor("borealis")})
        for (const auto& subject : {std::string("press"), std::string("interface/press"), port("press")}) {
            const auto granted = grant(subject, caller);
            ASSERT_TRUE(granted) << granted.error().text();
            ASSERT_THAT(granted->order.places, SizeIs(1));
            EXPECT_EQ(granted->order.places[0],
                      (vnet::capture::Place{.interface = port("press"), .all = true}));
            EXPECT_EQ(granted->partition.str(), "press");
            EXPECT_EQ(granted->tenant.str(), "borealis");
            EXPECT_EQ(granted->note, "");
        }
}

TEST_F(CaptureGrantTest, of_a_conduit_is_each_frame_once_where_it_arrives) {
    for (const auto& caller : {root, anna}) {
        const auto granted = grant("readings", caller).value();
        ASSERT_THAT(granted.order.places, SizeIs(2));
        EXPECT_EQ(granted.order.places[0].interface, port("robot-cell"));
        EXPECT_EQ(granted.order.places[1].interface, port("it-admin"));
        for (const auto& place : granted.order.places) {
            EXPECT_FALSE(place.all);
            EXPECT_THAT(place.sent, IsEmpty());
            ASSERT_THAT(place.delivered, SizeIs(1));
            EXPECT_EQ(place.delivered[0].port, 8883U);
            EXPECT_EQ(place.delivered[0].transport, 6U);
            EXPECT_THAT(place.delivered[0].from, ElementsAre(SizeIs(16)));
        }
    }
}

// What goes to the other end is seen where it comes from: the other's interface is not looked at.
TEST_F(CaptureGrantTest, of_a_conduit_to_another_tenant_is_what_passes_the_own_end) {
    const auto granted = grant("readings", vendor("acme")).value();
    ASSERT_THAT(granted.order.places, SizeIs(1));
    EXPECT_EQ(granted.order.places[0].interface, port("robot-cell"));
    EXPECT_FALSE(granted.order.places[0].all);
    EXPECT_THAT(granted.order.places[0].sent, SizeIs(1));
    EXPECT_THAT(granted.order.places[0].delivered, SizeIs(1));
    EXPECT_EQ(granted.tenant.str(), "acme");
    const auto theirs = grant("conduit/readings", vendor("it")).value();
    ASSERT_THAT(theirs.order.places, SizeIs(1));
    EXPECT_EQ(theirs.order.places[0].interface, port("it-admin"));
}

// In the same words, so that nobody learns a neighbour's names by asking for them.
TEST_F(CaptureGrantTest, what_is_another_tenants_looks_like_what_is_not_there) {
    const auto absent = grant("nothing", vendor("acme"));
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, Code::not_found);
    for (const auto& name : {std::string("press"), std::string("it-admin"), port("press"),
                             std::string("forces"), std::string("press/zone-2"), std::string("enp9s0"),
                             std::string("plc"), std::string("zone-2"), std::string("borealis")})
        for (const std::string kind : {"", "interface/", "conduit/"}) {
            const auto refused = grant(kind + name, vendor("acme"));
            ASSERT_FALSE(refused) << kind << name;
            auto expected = absent.error().text();
            expected.replace(expected.find("nothing"), 7, name);
            EXPECT_EQ(refused.error().text(), expected) << kind;
        }
    EXPECT_FALSE(grant("robot-cell", vendor("nobody")));
    EXPECT_FALSE(grant("readings", vendor("borealis")));
}

TEST_F(CaptureGrantTest, to_it_a_wrong_name_is_mended) {
    const auto wrong = grant("robot-cel", anna);
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().mend, HasSubstr("robot-cell"));
    EXPECT_EQ(grant("conduit/press", root).error().code, Code::not_found);
    EXPECT_TRUE(grant("enp9s0", anna));
}

TEST_F(CaptureGrantTest, over_a_console_has_a_quota) {
    auto request = of("press");
    const auto ask = [&](const Caller& caller) {
        return grant_capture(fake.sources(board, clock), request, caller);
    };
    EXPECT_EQ(ask(anna)->order.bytes, std::uint64_t{64} * 1024 * 1024);
    EXPECT_GT(ask(root)->order.bytes, ask(anna)->order.bytes);
    request.set_seconds(3601);
    EXPECT_TRUE(ask(root));
    EXPECT_THAT(ask(anna).error().text(), HasSubstr("1 to 3600 s, over a console"));
    request.set_seconds(60);
    request.set_packets(1'000'001);
    EXPECT_TRUE(ask(root));
    EXPECT_EQ(ask(vendor("borealis")).error().code, Code::invalid);
    for (const auto& [seconds, packets] : {std::pair{0U, 1U}, {1U, 0U}, {86'401U, 1U}}) {
        request.set_seconds(seconds);
        request.set_packets(packets);
        EXPECT_EQ(ask(root).error().code, Code::invalid) << seconds << " " << packets;
    }
}

TEST_F(CaptureGrantTest, of_a_partition_that_does_not_run_says_so) {
    snapshot.observed.machines[model::PartitionName("robot-cell")].power = model::Power::off;
    board.publish(snapshot);
    EXPECT_THAT(grant("robot-cell", vendor("acme"))->note, HasSubstr("robot-cell does not run"));
    EXPECT_THAT(grant("readings", anna)->note, HasSubstr("robot-cell does not run"));
    // Whether a neighbour runs is the neighbour's.
    EXPECT_EQ(grant("readings", vendor("it"))->note, "");
}

TEST_F(CaptureGrantTest, of_a_conduit_that_is_closed_is_none) {
    std::erase_if(fake.sight.rules, [](const auto& each) {
        return each.second.conduit == model::conduit_id(model::ConduitName("readings"));
    });
    const auto closed = grant("readings", vendor("acme"));
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, Code::unavailable);
    EXPECT_THAT(closed.error().what, HasSubstr("is closed"));
}

}  // namespace
}  // namespace bulkhead::daemon
