// Attacks by what a guest asks of the kernel: a checksum left to do is written when the frame has passed both
// checks, where the guest says.
#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

class Offloads : public Plant {
  protected:
    static VirtioHeader checksum_at(unsigned start, unsigned offset) {
        VirtioHeader header;
        header.flags = needs_checksum;
        header.csum_start = static_cast<std::uint16_t>(start);
        header.csum_offset = static_cast<std::uint16_t>(offset);
        return header;
    }
    void expect_drops(Guest& sender, const model::Port& port, const Bytes& frame,
                      const VirtioHeader& header) {
        const auto before = dropped(port, "offload");
        const auto before_total = dropped(port);
        sender.send(frame, header);
        EXPECT_EQ(dropped(port, "offload"), before + 1) << header.csum_start << " " << header.csum_offset;
        EXPECT_EQ(dropped(port), before_total + 1);
        expect_silence();
    }
    void drain() {
        for (auto* guest : {&robot_guest, &press_guest, &admin_guest, &monitor})
            while ((*guest)->receive()) continue;
    }
    void open_flows() {
        robot_guest->send(tcp(robot, admin, 40000, 8883, syn));
        admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
        press_guest->send(udp(press, admin, 5000, 514));
        drain();
    }

    const Bytes datagram = udp(press, admin, 5000, 514, 100);
    const Bytes segment = tcp(robot, admin, 40000, 8883, ack, 100);
    const Bytes datagram6 = udp6(ends(press, admin), 5000, 514);
    const Bytes segment6 = tcp6(ends(robot, admin), 40000, 8883);
};

// Every field before the transport's checksum: addresses, ports, lengths, sequence numbers; of the first
// frame of a flow, and of one that is open.
TEST_F(Offloads, a_checksum_over_an_address_or_a_port) {
    for (int round = 0; round < 2; ++round) {
        for (unsigned at = 26; at <= 38; at += 2)
            expect_drops(*press_guest, press, datagram, checksum_at(24, at - 24));
        for (unsigned at = 26; at <= 48; at += 2)
            expect_drops(*robot_guest, robot, round == 0 ? opening(robot, admin, 40000, 8883) : segment,
                         checksum_at(24, at - 24));
        for (const unsigned at : {22U, 38U, 54U, 56U, 58U})
            expect_drops(*press_guest, press, datagram6, checksum_at(20, at - 20));
        for (const unsigned at : {22U, 38U, 54U, 56U, 66U, 68U})
            expect_drops(*robot_guest, robot, segment6, checksum_at(20, at - 20));
        EXPECT_EQ(driver->flows(10)->size(), round == 0 ? 0U : 2U) << "a frame that is dropped opens nothing";
        open_flows();
    }
}

// Its guest completes it by itself: the driver says that it can, and is told where by the sender.
TEST_F(Offloads, a_checksum_that_the_receiver_would_write) {
    if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    admin_guest->offload();
    expect_drops(*press_guest, press, datagram, checksum_at(34, 2));
    press_guest->send(datagram, checksum_at(34, 6));
    EXPECT_EQ(admin_guest->receive(), datagram);
    EXPECT_EQ(admin_guest->last_header().csum_start, 34);
    EXPECT_EQ(admin_guest->last_header().csum_offset, 6);
}

// What has no checksum of this kind asks for none.
TEST_F(Offloads, a_checksum_of_what_has_none) {
    expect_drops(*robot_guest, robot, icmp(robot, admin, 8), checksum_at(34, 2));
    expect_drops(*robot_guest, robot, arp_request(robot, admin), checksum_at(20, 8));
    expect_drops(*robot_guest, robot, solicitation(robot.mac, *robot.address6, *admin.address6),
                 checksum_at(54, 2));
    expect_drops(*robot_guest, robot, dhcp_request(robot, robot.mac), checksum_at(34, 2));
}

// Left to the kernel, which would cut the frame behind both checks: of a first frame, and of an open flow.
TEST_F(Offloads, fragments_of_udp_and_cuts_of_what_a_frame_is_not) {
    if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    const auto cut = [](unsigned start, unsigned offset, std::uint8_t type) {
        VirtioHeader header = checksum_at(start, offset);
        header.gso_type = type;
        header.gso_size = 1000;
        header.hdr_len = static_cast<std::uint16_t>(start + 20);
        return header;
    };
    const Bytes large = udp(press, admin, 5000, 514, 3000);
    for (int round = 0; round < 2; ++round) {
        expect_drops(*press_guest, press, large, cut(34, 6, gso_udp));
        expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883, round == 0 ? syn : ack, 3000),
                     cut(34, 16, gso_udp));
        admin_guest->offload();
        open_flows();
    }
    press_guest->send(large, cut(34, 6, gso_datagrams));
    std::size_t datagrams = 0;
    while (admin_guest->receive()) ++datagrams;
    EXPECT_EQ(datagrams, 3U) << "what is cut into datagrams passes";
}

// Without a checksum that is left to do the kernel lets a guest ask for fragments all the same.
TEST_F(Offloads, fragments_of_udp_with_a_checksum_that_is_done) {
    VirtioHeader header;
    header.gso_type = gso_udp;
    header.gso_size = 1000;
    header.hdr_len = 42;
    const auto before = dropped(press, "offload");
    const bool taken = press_guest->try_send(udp(press, admin, 5000, 514, 3000), header);
    EXPECT_EQ(dropped(press, "offload"), before + (taken ? 1 : 0));
    expect_silence();
}

// A super-frame in tiny segments is many times as long once it is cut.
TEST_F(Offloads, segments_so_small_that_their_headers_are_most_of_it) {
    if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    model::Port slow = robot;
    slow.dhcp = true;
    slow.rate = 8'000;  // its burst is 128 KiB
    execute(model::CreatePort{slow});
    open_flows();
    VirtioHeader header = checksum_at(34, 16);
    header.gso_type = gso_tcp4;
    header.gso_size = 1;
    header.hdr_len = 54;
    robot_guest->send(tcp(robot, admin, 40000, 8883, ack, 2000), header);  // 2000 segments of 55 bytes
    EXPECT_TRUE(admin_guest->receive());
    drain();
    robot_guest->send(tcp(robot, admin, 40000, 8883, ack, 2000), header);
    EXPECT_EQ(dropped(robot, "rate"), 1U);
    expect_silence();
}

TEST_F(Offloads, a_checksum_in_its_place_is_written) {
    if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    press_guest->send(datagram, checksum_at(34, 6));
    auto arrived = admin_guest->receive();
    ASSERT_TRUE(arrived);
    EXPECT_NE(*arrived, datagram);
    (*arrived)[40] = datagram[40];
    (*arrived)[41] = datagram[41];
    EXPECT_EQ(*arrived, datagram);
    const Bytes first = opening(robot, admin, 40000, 8883);
    robot_guest->send(first, checksum_at(34, 16));
    arrived = admin_guest->receive();
    ASSERT_TRUE(arrived);
    EXPECT_EQ(arrived->size(), first.size());
    robot_guest->send(segment6, checksum_at(54, 16));
    EXPECT_TRUE(admin_guest->receive());
    press_guest->send(datagram6, checksum_at(54, 6));
    EXPECT_TRUE(admin_guest->receive());
}

}  // namespace
}  // namespace bulkhead::vnet::test
