#include <algorithm>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

using Forwarding = Furnished;

TEST_F(Forwarding, passes_both_ways_of_an_allowed_flow) {
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883, syn));
    expect_passes(*admin_guest, *robot_guest, tcp(admin, robot, 8883, 40000, syn | ack));
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883));
    expect_passes(*robot_guest, *admin_guest, icmp(robot, admin, 8));
    expect_passes(*admin_guest, *robot_guest, icmp(admin, robot, 0));
    expect_passes(*press_guest, *admin_guest, udp(press, admin, 5000, 514));
    expect_passes(*admin_guest, *press_guest, udp(admin, press, 514, 5000));
}

TEST_F(Forwarding, hands_an_arp_request_to_the_one_that_is_asked_and_to_nobody_else) {
    Bytes request = arp_request(robot, admin);
    robot_guest->send(request);
    // No broadcast ever reaches a partition: it comes addressed to the one that is asked.
    std::ranges::copy(admin.mac.bytes, request.begin());
    EXPECT_EQ(admin_guest->receive(), request);
    expect_silence();
    expect_passes(*admin_guest, *robot_guest, arp_reply(admin, robot));
    // The conduit's other end may ask too.
    admin_guest->send(arp_request(admin, robot));
    EXPECT_TRUE(robot_guest->receive());
    expect_silence();
}

TEST_F(Forwarding, keeps_a_super_frame_whole_and_its_checksum_to_be_done) {
    admin_guest->offload();
    VirtioHeader header;
    header.flags = needs_checksum;
    header.gso_type = gso_tcp4;
    header.hdr_len = 54;
    header.gso_size = 1448;
    header.csum_start = offset::transport;
    header.csum_offset = 16;
    const Bytes frame = tcp(robot, admin, 40000, 8883, ack, 20000);
    robot_guest->send(frame, header);
    EXPECT_EQ(admin_guest->receive(), frame);
    const auto& got = admin_guest->last_header();
    EXPECT_EQ(got.gso_type, gso_tcp4);
    EXPECT_EQ(got.gso_size, 1448);
    EXPECT_TRUE(got.flags & needs_checksum);
    EXPECT_EQ(got.csum_start, offset::transport);
    expect_silence();
}

TEST_F(Forwarding, accepts_a_short_frame_with_the_padding_of_ethernet) {
    Bytes frame = tcp(robot, admin, 40000, 8883, ack, 0);
    frame.resize(60);
    expect_passes(*robot_guest, *admin_guest, frame);
}

TEST_F(Forwarding, counts_frames_of_ports_and_bytes_of_conduits) {
    const Bytes frame = tcp(robot, admin, 40000, 8883);
    robot_guest->send(frame);
    admin_guest->send(tcp(admin, robot, 8883, 40000));
    robot_guest->send(tcp(robot, admin, 40000, 22));
    const auto traffic = driver->traffic();
    ASSERT_TRUE(traffic);
    EXPECT_EQ(traffic->ports.at(robot.name).received, 2U);
    EXPECT_EQ(traffic->ports.at(robot.name).delivered, 1U);
    EXPECT_EQ(traffic->ports.at(admin.name).delivered, 1U);
    EXPECT_EQ(traffic->conduits.at(readings.conduit).packets, 2U);
    EXPECT_EQ(traffic->conduits.at(readings.conduit).bytes, 2 * frame.size());
    EXPECT_EQ(traffic->conduits.at(pings.conduit).packets, 0U);
}

TEST_F(Forwarding, closing_a_conduit_cuts_its_flows_at_once_and_no_other) {
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "service");
    expect_drops(*admin_guest, admin, tcp(admin, robot, 8883, 40000), "service");
    expect_passes(*robot_guest, *admin_guest, icmp(robot, admin, 8));
    execute(model::CloseConduit{model::ConduitName("pings"), {pings}});
    expect_drops(*robot_guest, robot, icmp(robot, admin, 8), "no_conduit");
    expect_drops(*robot_guest, robot, arp_request(robot, admin), "no_conduit");
    EXPECT_EQ(observe().rules, std::set<model::Rule>{logs});
}

TEST_F(Forwarding, a_flow_that_two_conduits_allow_stays_until_both_are_closed) {
    model::Rule twin = readings;
    twin.conduit = model::conduit_id(model::ConduitName("audit"));
    execute(model::OpenConduit{model::ConduitName("audit"), {twin}});
    EXPECT_EQ(observe().rules, (std::set<model::Rule>{readings, twin, pings, logs}));
    execute(model::CloseConduit{model::ConduitName("audit"), {twin}});
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883));
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "service");
}

TEST_F(Forwarding, deleting_a_port_takes_its_rules_along) {
    execute(model::DeletePort{admin.name, admin.partition});
    const auto observed = observe();
    EXPECT_FALSE(observed.ports.contains(admin.name));
    EXPECT_TRUE(observed.rules.empty());
    robot_guest->send(tcp(robot, admin, 40000, 8883));
    EXPECT_EQ(dropped(robot, "no_conduit"), 1U);
}

TEST_F(Forwarding, a_port_with_a_new_address_loses_the_old_one) {
    model::Port moved = admin;
    moved.address = *model::parse_ipv4("10.20.9.3");
    execute(model::CreatePort{moved});
    EXPECT_TRUE(observe().ports.at(admin.name).guarded);
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "no_conduit");
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "no_conduit");
    expect_passes(*robot_guest, *admin_guest, tcp(robot, moved, 40000, 8883));
    expect_drops(*admin_guest, admin, tcp(admin, robot, 8883, 40000), "source_address");
}

}  // namespace
}  // namespace bulkhead::vnet::test
