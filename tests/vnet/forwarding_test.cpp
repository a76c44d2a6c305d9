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

TEST_F(Forwarding, answers_an_arp_request_itself_and_nobody_else_hears_of_it) {
    Bytes answer = arp_reply(admin, robot);
    expect_passes(*robot_guest, *robot_guest, arp_request(robot, admin), answer);
    // The conduit's other end may ask too.
    expect_passes(*admin_guest, *admin_guest, arp_request(admin, robot), arp_reply(robot, admin));
}

TEST_F(Forwarding, answers_a_neighbour_solicitation_itself) {
    const model::Ipv6 local = address6("fe80::1234");
    for (const model::Ipv6& from : {*robot.address6, local}) {
        const Bytes question = solicitation(robot.mac, from, *admin.address6);
        Bytes answer =
            advertisement({admin.mac, *admin.address6, robot.mac, from}, *admin.address6, admin.mac);
        robot_guest->send(question);
        auto got = robot_guest->receive();
        ASSERT_TRUE(got);
        put16(*got, 56, 0);  // its checksum
        EXPECT_EQ(*got, answer);
        expect_silence();
    }
}

TEST_F(Forwarding, passes_both_ways_of_an_allowed_flow_over_ipv6) {
    expect_passes(*robot_guest, *admin_guest, tcp6(ends(robot, admin), 40000, 8883));
    expect_passes(*admin_guest, *robot_guest, tcp6(ends(admin, robot), 8883, 40000, syn | ack));
    expect_passes(*robot_guest, *admin_guest, tcp6(ends(robot, admin), 40000, 8883, ack));
    expect_passes(*robot_guest, *admin_guest, icmp6(ends(robot, admin), 128, Bytes{0, 7, 0, 1}, 64));
    expect_passes(*admin_guest, *robot_guest, icmp6(ends(admin, robot), 129, Bytes{0, 7, 0, 1}, 64));
    expect_passes(*press_guest, *admin_guest, udp6(ends(press, admin), 5000, 514));
    expect_passes(*admin_guest, *press_guest, udp6(ends(admin, press), 514, 5000));
}

TEST_F(Forwarding, keeps_a_super_frame_whole_and_its_checksum_to_be_done) {
    if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    admin_guest->offload();
    VirtioHeader header;
    header.flags = needs_checksum;
    header.gso_type = gso_tcp4;
    header.hdr_len = 54;
    header.gso_size = 1448;
    header.csum_start = offset::transport;
    header.csum_offset = 16;
    robot_guest->send(opening(robot, admin, 40000, 8883));
    admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
    EXPECT_TRUE(admin_guest->receive());
    EXPECT_TRUE(robot_guest->receive());
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
    Bytes frame = tcp(robot, admin, 40000, 8883, syn, 0);
    frame.resize(60);
    expect_passes(*robot_guest, *admin_guest, frame);
}

TEST_F(Forwarding, counts_frames_of_ports_and_bytes_of_conduits) {
    const Bytes frame = opening(robot, admin, 40000, 8883);
    robot_guest->send(frame);
    admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
    robot_guest->send(opening(robot, admin, 40000, 22));
    const auto traffic = driver->traffic();
    ASSERT_TRUE(traffic);
    EXPECT_EQ(traffic->ports.at(robot.name).received, 2U);
    EXPECT_EQ(traffic->ports.at(robot.name).delivered, 1U);
    EXPECT_EQ(traffic->ports.at(admin.name).delivered, 1U);
    EXPECT_EQ(traffic->conduits.at(readings.conduit).packets, 2U);
    EXPECT_EQ(traffic->conduits.at(readings.conduit).bytes, 2 * frame.size());
    EXPECT_EQ(traffic->conduits.at(readings.conduit).connections, 1U);
    EXPECT_EQ(traffic->conduits.at(pings.conduit).packets, 0U);
}

// Attack 27: a rule that is revoked cuts the flows that live by it.
TEST_F(Forwarding, closing_a_conduit_cuts_its_flows_at_once_and_no_other) {
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
    expect_passes(*admin_guest, *robot_guest, tcp(admin, robot, 8883, 40000, syn | ack));
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883));
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "service");
    expect_drops(*admin_guest, admin, tcp(admin, robot, 8883, 40000), "service");
    expect_passes(*robot_guest, *admin_guest, icmp(robot, admin, 8));
    execute(model::CloseConduit{model::ConduitName("pings"), {pings}});
    EXPECT_EQ(observe().rules, std::set<model::Rule>{logs});  // and looking sweeps up what they left
    expect_drops(*robot_guest, robot, icmp(robot, admin, 8), "no_conduit");
    expect_drops(*robot_guest, robot, arp_request(robot, admin), "unknown_neighbour");
}

TEST_F(Forwarding, a_flow_that_two_conduits_allow_stays_until_both_are_closed) {
    model::Rule twin = readings;
    twin.conduit = model::conduit_id(model::ConduitName("audit"));
    execute(model::OpenConduit{model::ConduitName("audit"), {twin}});
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
    expect_passes(*admin_guest, *robot_guest, tcp(admin, robot, 8883, 40000, syn | ack));
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883));
    execute(model::CloseConduit{model::ConduitName("audit"), {twin}});
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "service");
}

TEST_F(Forwarding, deleting_a_port_takes_its_rules_along) {
    execute(model::DeletePort{admin.name, admin.partition});
    const auto observed = observe();
    EXPECT_FALSE(observed.ports.contains(admin.name));
    EXPECT_TRUE(observed.rules.empty());
    robot_guest->send(opening(robot, admin, 40000, 8883));
    EXPECT_EQ(dropped(robot, "no_conduit"), 1U);
}

TEST_F(Forwarding, a_port_with_a_new_address_loses_the_old_one_and_its_flows) {
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
    expect_passes(*admin_guest, *robot_guest, tcp(admin, robot, 8883, 40000, syn | ack));
    model::Port moved = admin;
    moved.address = *model::parse_ipv4("10.20.9.3");
    execute(model::CreatePort{moved});
    EXPECT_TRUE(observe().ports.at(admin.name).guarded);
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883), "no_conduit");
    expect_drops(*admin_guest, admin, tcp(admin, robot, 8883, 40000), "source_address");
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, opening(robot, admin, 40000, 8883), "no_conduit");
    expect_passes(*robot_guest, *admin_guest, opening(robot, moved, 40000, 8883));
}

}  // namespace
}  // namespace bulkhead::vnet::test
