#include "vnet/capture/filter.hpp"

#include <gtest/gtest.h>

#include "tests/vnet/capture/address.hpp"

namespace bulkhead::vnet::capture {
namespace {

// 10.20.1.10 > 10.20.9.2 tcp/8883.
const std::string robot = "\x0a\x14\x01\x0a";
const std::string admin = "\x0a\x14\x09\x02";
std::vector<Rule> rules_of_readings() {
    return {{{address(robot)}, {address(admin)}, 6, 8883}};
}
std::string frame(const std::string& from, const std::string& to, unsigned from_port, unsigned to_port,
                  char protocol = 6) {
    std::string bytes(54, '\0');
    bytes[12] = 8;
    bytes[23] = protocol;
    bytes.replace(26, 4, from);
    bytes.replace(30, 4, to);
    for (const auto& [at, port] : {std::pair{34, from_port}, {36, to_port}}) {
        bytes[static_cast<std::size_t>(at)] = static_cast<char>(port >> 8);
        bytes[static_cast<std::size_t>(at) + 1] = static_cast<char>(port);
    }
    return bytes;
}

TEST(ConduitFilter, takes_a_flow_both_ways_and_no_other) {
    const auto rules = rules_of_readings();
    EXPECT_TRUE(belongs(rules, frame(robot, admin, 40000, 8883)));
    EXPECT_TRUE(belongs(rules, frame(admin, robot, 8883, 40000)));
    EXPECT_TRUE(belongs(rules, frame(admin, robot, 0, 0, 1)));  // ICMP between them
    EXPECT_FALSE(belongs(rules, frame(admin, robot, 40000, 8883)));
    EXPECT_FALSE(belongs(rules, frame(robot, admin, 40000, 22)));
    EXPECT_FALSE(belongs(rules, frame(robot, admin, 40000, 8883, 17)));
    EXPECT_FALSE(belongs(rules, frame("\x0a\x14\x02\x0a", admin, 40000, 8883)));
}

TEST(ConduitFilter, sees_through_a_tag_and_survives_what_is_cut) {
    auto tagged = frame(robot, admin, 40000, 8883);
    tagged.insert(12, std::string("\x81\x00\x00\x0a", 4));
    EXPECT_TRUE(belongs(rules_of_readings(), tagged));
    const auto whole = frame(robot, admin, 40000, 8883);
    for (std::size_t length = 0; length < 38; ++length)
        EXPECT_FALSE(belongs(rules_of_readings(), whole.substr(0, length))) << length;
}

TEST(ConduitFilter, who_has_no_address_may_be_anybody) {
    auto rules = rules_of_readings();
    rules[0].to.clear();
    EXPECT_TRUE(belongs(rules, frame(robot, "\x5d\xb8\xd8\x22", 40000, 8883)));
    EXPECT_FALSE(belongs(rules, frame("\x5d\xb8\xd8\x22", admin, 40000, 8883)));
    EXPECT_FALSE(belongs({}, frame(robot, admin, 40000, 8883)));
}

TEST(Ordered, what_comes_and_what_goes_are_asked_for_apart) {
    const CapturedFrame sent{.outgoing = false, .bytes = frame(robot, admin, 40000, 8883)};
    const CapturedFrame delivered{.outgoing = true, .bytes = frame(admin, robot, 8883, 40000)};
    const CapturedFrame other{.outgoing = true, .bytes = frame(admin, robot, 22, 40000)};
    Place place{.interface = "bhrobot-cell-0", .delivered = rules_of_readings()};
    EXPECT_FALSE(is_ordered(place, sent));
    EXPECT_TRUE(is_ordered(place, delivered));
    EXPECT_FALSE(is_ordered(place, other));
    place.sent = rules_of_readings();
    EXPECT_TRUE(is_ordered(place, sent));
    EXPECT_FALSE(is_ordered({.interface = "x"}, delivered));
    EXPECT_TRUE(is_ordered({.interface = "x", .all = true}, other));
}

}  // namespace
}  // namespace bulkhead::vnet::capture
