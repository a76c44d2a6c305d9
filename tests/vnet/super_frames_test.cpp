// Segments that a guest leaves to the host: where the receiver takes super-frames they go on whole, where it
// doesn't the kernel cuts them behind the switch.
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

constexpr std::size_t payload = 20'000;
constexpr std::size_t segment = 1448;
constexpr std::size_t headers = 54;  // Ethernet, IPv4, TCP

VirtioHeader super_frame(std::size_t size = segment) {
    VirtioHeader header;
    header.flags = needs_checksum;
    header.gso_type = gso_tcp4;
    header.hdr_len = headers;
    header.gso_size = static_cast<std::uint16_t>(size);
    header.csum_start = offset::transport;
    header.csum_offset = 16;
    return header;
}

unsigned at16(const Bytes& frame, std::size_t at) {
    return static_cast<unsigned>(frame.at(at) << 8 | frame.at(at + 1));
}

// RFC 1071 over the addresses and what follows them up to `end`, with TCP's protocol and length (RFC
// 9293, 3.1).
std::uint16_t sum_to(const Bytes& frame, std::size_t end) {
    auto sum = static_cast<std::uint32_t>(6 + frame.size() - offset::transport);
    for (std::size_t at = offset::source_address; at < end; ++at)
        sum += static_cast<std::uint32_t>(frame[at]) << (at % 2 == 0 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

// As a driver hands it over: with the pseudo header's sum where the checksum will be (VIRTIO 1.2, 5.1.6.2).
Bytes undone(Bytes frame) {
    put16(frame, offset::transport + 16, sum_to(frame, offset::transport));
    return frame;
}

// Of what a sender left undone of `whole`: cut, each piece with its own headers and checksums.
void expect_segments(const std::vector<Bytes>& arrived, std::size_t tag = 0) {
    ASSERT_EQ(arrived.size(), (payload + segment - 1) / segment);
    std::size_t total = 0;
    for (Bytes frame : arrived) {
        if (tag != 0) {
            EXPECT_EQ(at16(frame, 12), 0x8100U);
            EXPECT_EQ(at16(frame, 14), tag);
            frame.erase(frame.begin() + 12, frame.begin() + 16);
        }
        EXPECT_LE(frame.size(), headers + segment);
        EXPECT_EQ(at16(frame, offset::total_length), frame.size() - offset::ip);
        EXPECT_EQ(sum_to(frame, frame.size()), 0xffff);
        total += frame.size() - headers;
    }
    EXPECT_EQ(total, payload);
}

// A card that sends no more than it is told, frame by frame.
void take_offloads_from(const std::string& interface) {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    ethtool_value no{.cmd = ETHTOOL_STXCSUM, .data = 0};
    request.ifr_data = reinterpret_cast<char*>(&no);
    ASSERT_EQ(::ioctl(socket.get(), SIOCETHTOOL, &request), 0) << std::strerror(errno);
}

template <class Receiver>
std::vector<Bytes> all_of(Receiver& receiver) {
    std::vector<Bytes> frames;
    while (auto frame = receiver.receive()) frames.push_back(std::move(*frame));
    return frames;
}

class SuperFrames : public Plant {
  protected:
    void SetUp() override {
        Plant::SetUp();
        if (kernel_hides_checksums()) GTEST_SKIP() << "this kernel does not tell where a checksum ends";
    }
    void open_readings() {
        robot_guest->send(opening(robot, admin, 40000, 8883));
        admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
        for (auto* guest : {&robot_guest, &admin_guest, &monitor}) all_of(**guest);
    }
    const Bytes whole = undone(tcp(robot, admin, 40000, 8883, ack, payload));
};

TEST_F(SuperFrames, are_cut_for_a_guest_that_takes_none) {
    open_readings();
    robot_guest->send(whole, super_frame());
    expect_segments(all_of(*admin_guest));
    EXPECT_EQ(admin_guest->last_header().flags, 0);
}

TEST_F(SuperFrames, reach_a_mirror_as_it_takes_them) {
    open_readings();
    admin_guest->offload();
    robot_guest->send(whole, super_frame());
    EXPECT_EQ(admin_guest->receive(), whole) << "cut for the mirror alone";
    expect_segments(all_of(*monitor));
    monitor->offload();
    robot_guest->send(whole, super_frame());
    EXPECT_EQ(monitor->receive(), whole);
    EXPECT_EQ(admin_guest->receive(), whole);
}

TEST_F(SuperFrames, are_cut_for_a_card_that_takes_none) {
    take_offloads_from("field0");
    robot_guest->send(opening(robot, plc, 40000, 502));
    field->send(tagged(tcp(plc, robot, 502, 40000, syn | ack), 0x8100, 10));
    all_of(*field);
    ASSERT_TRUE(robot_guest->receive());
    robot_guest->send(undone(tcp(robot, plc, 40000, 502, ack, payload)), super_frame());
    expect_segments(all_of(*field), 10);
}

// The router's kernel knows what is left to do, and does it where its own way ends.
TEST_F(SuperFrames, reach_a_router_whole) {
    robot_guest->send(opening(robot, beyond, 40000, 443));
    leg->send(tcp(beyond, robot, 443, 40000, syn | ack));
    all_of(*leg);
    ASSERT_TRUE(robot_guest->receive());
    const Bytes out = undone(tcp(robot, beyond, 40000, 443, ack, payload));
    robot_guest->send(out, super_frame());
    EXPECT_EQ(leg->receive(), out);
    expect_silence();
}

TEST_F(SuperFrames, count_all_their_bytes_and_are_held_to_a_rate_by_them) {
    model::Port slow = robot;
    slow.dhcp = true;
    slow.rate = 8'000;  // the burst, two times 64 KiB, takes two minutes to come back
    execute(model::CreatePort{slow});
    admin_guest->offload();
    open_readings();
    const auto bytes = [&] { return driver->traffic()->conduits.at(readings.conduit).bytes; };
    const auto before = bytes();
    const Bytes large = tcp(robot, admin, 40000, 8883, ack, 60'000);
    unsigned passed = 0;
    for (int round = 0; round < 5; ++round) {
        robot_guest->send(large, super_frame());
        while (admin_guest->receive()) ++passed;
    }
    EXPECT_EQ(passed, 2U);
    EXPECT_EQ(dropped(robot, "rate"), 3U);
    EXPECT_EQ(bytes() - before, 2 * large.size());
}

}  // namespace
}  // namespace bulkhead::vnet::test
