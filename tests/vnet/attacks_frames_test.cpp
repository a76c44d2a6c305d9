// Attacks by the shape of frames: tags, foreign protocols, storms, fragments, options, lengths, offloads.
#include <algorithm>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

class Frames : public Plant {
  protected:
    const Bytes good = opening(robot, admin, 40000, 8883);
};

// 9, 10, 11: tags from an access port, two of them, VLAN 0; and LLC/SNAP (CVE-2021-27853, CVE-2021-27861).
TEST_F(Frames, tags_and_encapsulations_from_an_access_port) {
    for (const unsigned tpid : {0x8100U, 0x88a8U})
        for (const unsigned tag : {0U, 1U, 10U, 4095U, 0xe000U})
            for (const Bytes& inner :
                 {good, tagged(good, 0x8100, 10), tagged(good, 0x8100, 0), arp_request(robot, admin)})
                expect_drops(*robot_guest, robot, tagged(inner, tpid, tag), "vlan");
    Bytes snap = good;
    const Bytes llc{0x00, 0x40, 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x08, 0x00};
    snap.erase(snap.begin() + 12, snap.begin() + 14);
    snap.insert(snap.begin() + 12, llc.begin(), llc.end());
    expect_drops(*robot_guest, robot, snap, "ethertype");
    expect_drops(*robot_guest, robot, tagged(snap, 0x8100, 0), "vlan");
}

TEST_F(Frames, a_wire_has_its_own_tags_and_no_others) {
    const Bytes answer = tcp(plc, robot, 502, 40000, syn | ack);
    for (const Bytes& frame : {answer, tagged(answer, 0x8100, 11)})
        expect_drops_of(*field, wire, frame, "vlan");
    for (const Bytes& frame : {tagged(answer, 0x8100, 0), tagged(answer, 0x88a8, 10),
                               tagged(tagged(answer, 0x8100, 10), 0x8100, 10)})
        expect_drops_of(*field, wire, frame, "vlan");
    const Bytes question = opening(robot, plc, 40000, 502);
    robot_guest->send(question);
    EXPECT_EQ(field->receive(), tagged(question, 0x8100, 10));
    field->send(tagged(answer, 0x8100, 10));
    EXPECT_EQ(robot_guest->receive(), answer);
    Bytes asks = tagged(arp_request(plc, robot), 0x8100, 10);
    field->send(asks);
    EXPECT_EQ(field->receive(), tagged(arp_reply(robot, plc), 0x8100, 10));
    expect_silence();
    expect_drops_of(*field, plc, tagged(opening(plc, admin, 502, 8883), 0x8100, 10), "no_conduit");
}

// 14, 15: BPDU, LLDP, LACP, PAUSE, 802.1X, CDP. 22: unknown ethertypes, and industrial ones undeclared.
TEST_F(Frames, protocols_that_are_not_declared) {
    for (const unsigned type : {38U, 0x88ccU, 0x8809U, 0x8808U, 0x888eU, 0x0102U, 0x88b8U, 0x88a4U, 0x8892U,
                                0x9000U, 0x8847U, 0x8864U, 0x0805U, 0xffffU}) {
        for (const model::Mac& to : {admin.mac, model::Mac{{1, 0x80, 0xc2, 0, 0, 0}},
                                     model::Mac{{1, 0, 0xc, 0xcc, 0xcc, 0xcc}}, everyone}) {
            Bytes frame = good;
            std::ranges::copy(to.bytes, frame.begin());
            put16(frame, offset::ethertype, type);
            expect_drops(*robot_guest, robot, frame, "ethertype");
        }
    }
}

TEST_F(Frames, a_declared_industrial_protocol_reaches_its_peer_and_nobody_else) {
    Bytes frame(60);
    std::ranges::copy(robot.mac.bytes, frame.begin());
    std::ranges::copy(press.mac.bytes, frame.begin() + 6);
    put16(frame, offset::ethertype, 0x8892);
    expect_passes(*press_guest, *robot_guest, frame);
    Bytes identify = frame;
    const Bytes group{0x01, 0x0e, 0xcf, 0, 0, 0};
    std::ranges::copy(group, identify.begin());
    expect_passes(*press_guest, *robot_guest, identify);
    std::ranges::copy(admin.mac.bytes, frame.begin());
    expect_drops(*press_guest, press, frame, "destination_mac");
    std::ranges::copy(everyone.bytes, frame.begin());
    expect_drops(*press_guest, press, frame, "group_destination");
    put16(identify, offset::ethertype, 0x88a4);
    expect_drops(*press_guest, press, identify, "ethertype");
}

// 17, 18: mDNS, SSDP, IGMP, MLD, and storms of them: to nobody, at the price of a counter.
TEST_F(Frames, broadcasts_and_multicasts) {
    const unsigned storm = 1000;
    Bytes mdns = udp(robot, admin, 5353, 5353);
    Bytes igmp = udp(robot, admin, 0, 0);
    igmp[offset::protocol] = 2;
    for (Bytes frame : {mdns, sealed(igmp)}) {
        const Bytes group{1, 0, 0x5e, 0, 0, 0xfb};
        std::ranges::copy(group, frame.begin());
        put32(frame, offset::destination_address, model::parse_ipv4("224.0.0.251")->bits);
        expect_drops(*robot_guest, robot, sealed(frame), "group_destination");
    }
    Ends group = ends(robot, admin);
    group.to_mac = model::Mac{{0x33, 0x33, 0, 0, 0, 0xfb}};
    group.to = address6("ff02::fb");
    expect_drops(*robot_guest, robot, udp6(group, 5353, 5353), "group_destination");
    expect_drops(*robot_guest, robot, icmp6(group, 143, Bytes(20), 1), "group_destination");
    const auto before = dropped(robot, "group_destination");
    Bytes everywhere = udp(robot, admin, 5000, 5000);
    std::ranges::copy(everyone.bytes, everywhere.begin());
    for (unsigned i = 0; i < storm; ++i) robot_guest->send(everywhere);
    EXPECT_EQ(dropped(robot, "group_destination"), before + storm);
    expect_silence();
}

// 19: fragments: overlapping, a tiny first one, a first one missing. 20: options, source routes, long chains.
TEST_F(Frames, fragments_and_options) {
    for (const unsigned bits : {0x2000U, 0x0001U, 0x2001U, 0x1fffU, 0x8000U}) {
        Bytes frame = good;
        put16(frame, offset::fragment, bits);
        expect_drops(*robot_guest, robot, sealed(frame), "fragment");
    }
    for (const std::uint8_t words : {std::uint8_t{0x46}, std::uint8_t{0x4f}}) {
        Bytes frame = good;
        frame[offset::ip] = words;
        expect_drops(*robot_guest, robot, frame, "options");
    }
    const Ends way = ends(robot, admin);
    for (const unsigned header : {0U, 43U, 60U, 51U, 135U, 139U, 140U, 253U})
        expect_drops(*robot_guest, robot, ipv6(way, static_cast<std::uint8_t>(header), Bytes(40)), "options");
    expect_drops(*robot_guest, robot, ipv6(way, 44, Bytes(40)), "fragment");
    Bytes chain;
    for (int i = 0; i < 20; ++i) chain.insert(chain.end(), {60, 0, 1, 4, 0, 0, 0, 0});
    expect_drops(*robot_guest, robot, ipv6(way, 60, chain), "options");
}

// 21: runts, jumbos, lengths that lie, super-frames over the MTU, bad checksums.
TEST_F(Frames, sizes_and_lengths_that_lie) {
    for (const std::size_t size : {14U, 20U, 33U})
        expect_drops(*robot_guest, robot,
                     Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)), "runt");
    const Bytes six = tcp6(ends(robot, admin), 40000, 8883);
    for (const std::size_t size : {14U, 30U, 53U})
        expect_drops(*robot_guest, robot, Bytes(six.begin(), six.begin() + static_cast<std::ptrdiff_t>(size)),
                     "runt");
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883, syn, 1461), "too_long");
    expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883, syn, 9000), "too_long");
    for (const unsigned length : {0U, 19U, 51U, 1500U}) {
        Bytes frame = good;
        put16(frame, offset::total_length, length);
        expect_drops(*robot_guest, robot, sealed(frame), "malformed");
    }
    for (const unsigned length : {0U, 100U, 65535U}) {
        Bytes frame = six;
        frame.resize(100);
        put16(frame, 18, length);
        expect_drops(*robot_guest, robot, frame, "malformed");
    }
    Bytes checksum = good;
    checksum[24] ^= 1;
    expect_drops(*robot_guest, robot, checksum, "malformed");
    VirtioHeader super;
    super.flags = needs_checksum;
    super.gso_type = gso_tcp4;
    super.hdr_len = 54;
    super.gso_size = 1461;
    super.csum_start = offset::transport;
    super.csum_offset = 16;
    const auto before = dropped(robot, "too_long");
    robot_guest->send(tcp(robot, admin, 40000, 8883, syn, 20000), super);
    EXPECT_EQ(dropped(robot, "too_long"), before + 1);
    expect_silence();
}

}  // namespace
}  // namespace bulkhead::vnet::test
