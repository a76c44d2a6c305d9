// What ip, nft and dnsmasq are told, byte by byte. After a wanted change write the golden files anew
// (GOLDEN_WRITE=1) and read the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "tests/vnet/router/sample.hpp"
#include "vnet/router/links.hpp"
#include "vnet/router/name_server.hpp"
#include "vnet/router/ruleset.hpp"
#include "vnet/router/state.hpp"

namespace bulkhead::vnet::router::test {
namespace {

using testing::HasSubstr;
using testing::Not;

void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = GOLDEN "/" + name;
    if (std::getenv("GOLDEN_WRITE") != nullptr) {
        ASSERT_TRUE(write_file_atomically(path, text));
    }
    const auto golden = read_file(path, 1 << 20);
    ASSERT_TRUE(golden) << golden.error().text();
    EXPECT_EQ(text, *golden) << path;
}

TEST(RouterTexts, are_as_they_were_read) {
    const auto router = sample();
    expect_golden("ruleset.nft", ruleset(router));
    expect_golden("dnsmasq.conf", name_server_settings(router, "/run/bulkhead/router/acme/leases"));
    expect_golden("legs.host", host_batch(router, {"lo"}, "/proc/4711/fd/5"));
    expect_golden("legs.own", own_batch(router, {"lo"}, nullptr));
}

TEST(RouterTexts, of_a_router_without_uplinks_let_nothing_through) {
    auto router = sample();
    router.uplinks.clear();
    const auto text = ruleset(router);
    EXPECT_THAT(text, Not(HasSubstr("masquerade")));
    EXPECT_THAT(text, Not(HasSubstr("ip daddr { 203")));
}

TEST(RouterTexts, say_nothing_of_what_nobody_asked_for) {
    auto router = sample();
    router.names.clear();
    router.resolvers.clear();
    router.leases.clear();
    EXPECT_THAT(ruleset(router), Not(HasSubstr("dport 53")));
    EXPECT_THAT(ruleset(router), Not(HasSubstr("dport 67")));
    router.legs[0].subnet6.reset();
    EXPECT_FALSE(needs_name_server(router));
    EXPECT_TRUE(needs_name_server(sample()));
}

// Whoever is on the longest list that spec/ accepts gets texts that the programs' readers take.
TEST(RouterTexts, grow_with_what_is_listed_and_no_faster) {
    auto router = sample();
    router.names.clear();
    for (int i = 0; i < 256; ++i)
        router.names.push_back("n" + std::to_string(i) + std::string(56, 'x') + ".example");
    router.flows.resize(4096, router.flows.front());
    EXPECT_LT(name_server_settings(router, "/leases").size(), 256 * 2 * 128U);
    EXPECT_LT(ruleset(router).size(), 4096 * 256U);
    EXPECT_LT(model::router_text(router).size(), 2U << 20U);
}

TEST(RouterLinks, touch_nothing_that_is_as_it_was) {
    const auto router = sample();
    std::set<std::string> present{"lo"};
    for (const auto& leg : router.legs) present.insert(model::router_leg_name(leg.zone).str());
    for (const auto& uplink : router.uplinks) present.insert(uplink.leg.str());
    EXPECT_EQ(host_batch(router, present, "/proc/1/fd/5"), "");
    EXPECT_EQ(own_batch(router, present, &router), "");
}

TEST(RouterLinks, renew_what_changed_and_take_away_what_goes) {
    auto router = sample();
    std::set<std::string> present{"lo"};
    for (const auto& leg : router.legs) present.insert(model::router_leg_name(leg.zone).str());
    for (const auto& uplink : router.uplinks) present.insert(uplink.leg.str());
    const auto before = router;
    router.uplinks.pop_back();
    router.legs[1].address.bits += 1;
    const auto text = own_batch(router, present, &before);
    EXPECT_THAT(text, HasSubstr("link delete dev " + before.uplinks[1].leg.str()));
    EXPECT_THAT(
        text, HasSubstr("address add 10.20.2.2/24 dev " + model::router_leg_name(router.legs[1].zone).str()));
    EXPECT_THAT(text, Not(HasSubstr(model::router_leg_name(router.legs[0].zone).str())));
}

TEST(RouterLinks, make_a_leg_anew_that_is_to_stand_on_another_card_or_tag) {
    const auto router = sample();
    std::set<std::string> present{"lo"};
    for (const auto& uplink : router.uplinks) present.insert(uplink.leg.str());
    EXPECT_TRUE(outdated_legs(router, present, &router).empty());
    auto before = router;
    before.uplinks[0].card = "enp9s0";
    before.uplinks[1].vlan += 1;
    const auto legs = outdated_legs(router, present, &before);
    EXPECT_EQ(legs.size(), 2U);
    EXPECT_THAT(removal_batch(legs), HasSubstr("link delete dev " + router.uplinks[1].leg.str() + "\n"));
    EXPECT_EQ(outdated_legs(router, present, nullptr), legs) << "what stands there is not known";
    EXPECT_TRUE(outdated_legs(router, {"lo"}, &before).empty());
}

TEST(RouterText, reads_back_what_it_wrote) {
    const auto router = sample();
    const auto read = model::parse_router_text(model::router_text(router));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, router);
    EXPECT_FALSE(model::parse_router_text("{}"));
    EXPECT_FALSE(model::parse_router_text("{\"tenant\": 1"));
}

TEST(RouterState, reads_back_what_it_wrote_and_nothing_else) {
    const State state{config_id("text"),
                      "its leg is gone",
                      {{model::UplinkName("plant"), false, true}},
                      {2, "nft (7)"},
                      42};
    EXPECT_EQ(decode_state(encode(state)).value(), state);
    EXPECT_FALSE(decode_state("{}"));
    EXPECT_FALSE(decode_state(
        R"({"config":"","error":"","pid":1,"tampered":0,"tamperer":"","uplinks":[{"name":"../x","healthy":true,"used":true}]})"));
}

}  // namespace
}  // namespace bulkhead::vnet::router::test
