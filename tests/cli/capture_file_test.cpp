#include "cli/capture_file.hpp"

#include <gtest/gtest.h>

#include "cli/conduit_filter.hpp"
#include "cli/packet_file.hpp"

namespace bulkhead::cli {
namespace {

TEST(CaptureFile, is_read_again_as_it_was_written) {
    std::string file = capture_head({"bhrobot-cell-0", "bhit-admin-0"});
    for (const auto& [interface, bytes] : {std::pair<std::size_t, std::string>{0, "first"}, {1, "second!!"}})
        file += capture_block({interface, interface == 1, std::chrono::seconds(1), bytes, bytes.size()});
    EXPECT_EQ(read_packets(file, "x"), (std::vector<std::string>{"first", "second!!"}));
    EXPECT_EQ(file.size() % 4, 0U);
    EXPECT_NE(file.find("bhit-admin-0"), std::string::npos);
}

TEST(CaptureFile, a_frame_that_was_cut_says_so) {
    const std::string file =
        capture_head({"x"}) + capture_block({0, false, std::chrono::seconds(1), "abc", 9});
    EXPECT_FALSE(read_packets(file, "x"));
}

// 10.20.1.10 > 10.20.9.2 tcp/8883.
std::string address(const std::string& last_four) {
    return std::string(10, '\0') + "\xff\xff" + last_four;
}
api::CaptureGrant readings() {
    api::CaptureGrant grant;
    auto& rule = *grant.add_rules();
    rule.add_from(address("\x0a\x14\x01\x0a"));
    rule.add_to(address("\x0a\x14\x09\x02"));
    rule.set_transport(6);
    rule.set_port(8883);
    return grant;
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
const std::string robot = "\x0a\x14\x01\x0a";
const std::string admin = "\x0a\x14\x09\x02";

TEST(ConduitFilter, takes_a_flow_both_ways_and_no_other) {
    const auto grant = readings();
    EXPECT_TRUE(belongs(grant, frame(robot, admin, 40000, 8883)));
    EXPECT_TRUE(belongs(grant, frame(admin, robot, 8883, 40000)));
    EXPECT_TRUE(belongs(grant, frame(admin, robot, 0, 0, 1)));  // ICMP between them
    EXPECT_FALSE(belongs(grant, frame(admin, robot, 40000, 8883)));
    EXPECT_FALSE(belongs(grant, frame(robot, admin, 40000, 22)));
    EXPECT_FALSE(belongs(grant, frame(robot, admin, 40000, 8883, 17)));
    EXPECT_FALSE(belongs(grant, frame("\x0a\x14\x02\x0a", admin, 40000, 8883)));
}

TEST(ConduitFilter, sees_through_a_tag_and_survives_what_is_cut) {
    auto tagged = frame(robot, admin, 40000, 8883);
    tagged.insert(12, std::string("\x81\x00\x00\x0a", 4));
    EXPECT_TRUE(belongs(readings(), tagged));
    const auto whole = frame(robot, admin, 40000, 8883);
    for (std::size_t length = 0; length < 38; ++length)
        EXPECT_FALSE(belongs(readings(), whole.substr(0, length))) << length;
}

TEST(ConduitFilter, who_has_no_address_may_be_anybody) {
    auto grant = readings();
    grant.mutable_rules(0)->clear_to();
    EXPECT_TRUE(belongs(grant, frame(robot, "\x5d\xb8\xd8\x22", 40000, 8883)));
    EXPECT_FALSE(belongs(grant, frame("\x5d\xb8\xd8\x22", admin, 40000, 8883)));
    grant.clear_rules();
    EXPECT_TRUE(belongs(grant, "anything"));
}

}  // namespace
}  // namespace bulkhead::cli
