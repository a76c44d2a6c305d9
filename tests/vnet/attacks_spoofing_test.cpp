// Attacks of whoever says to be somebody else. Numbers are those of the list in vnet/README.md.
#include <algorithm>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

class Spoofing : public Plant {};

// 1: a source MAC of the victim, the gateway, the host, a group; from taps, a wire and a router's leg.
TEST_F(Spoofing, a_source_mac_of_somebody_else) {
    for (const auto& mac :
         {admin.mac, press.mac, router.mac, plc.mac, everyone, model::Mac{{1, 0, 0x5e, 0, 0, 1}}}) {
        for (Bytes frame : {opening(robot, admin, 40000, 8883), tcp6(ends(robot, admin), 40000, 8883),
                            arp_request(robot, admin)}) {
            std::ranges::copy(mac.bytes, frame.begin() + offset::source_mac);
            expect_drops(*robot_guest, robot, frame, "source_mac");
        }
    }
    Bytes from_leg = opening(beyond, robot, 443, 40000);
    std::ranges::copy(press.mac.bytes, from_leg.begin() + offset::source_mac);
    expect_drops_of(*leg, router, from_leg, "source_mac");
    Bytes from_wire = tagged(opening(plc, robot, 502, 40000), 0x8100, 10);
    std::ranges::copy(press.mac.bytes, from_wire.begin() + offset::source_mac);
    expect_drops_of(*field, wire, from_wire, "source_mac");
}

// 2: a source address of somebody else, IPv4 and IPv6.
TEST_F(Spoofing, a_source_address_of_somebody_else) {
    for (const char* address : {"10.20.9.2", "10.20.2.77", "10.20.1.1", "203.0.113.7", "0.0.0.0", "127.0.0.1",
                                "224.0.0.1", "255.255.255.255"}) {
        Bytes frame = opening(robot, admin, 40000, 8883);
        put32(frame, offset::source_address, model::parse_ipv4(address)->bits);
        expect_drops(*robot_guest, robot, sealed(frame), "source_address");
    }
    for (const char* address :
         {"fd20:9::2", "fd20:1::1", "2001:db8:f::7", "::", "::1", "ff02::1", "fe80::1"}) {
        Ends forged = ends(robot, admin);
        forged.from = address6(address);
        expect_drops(*robot_guest, robot, tcp6(forged, 40000, 8883), "source_address");
    }
}

TEST_F(Spoofing, an_ipv4_address_in_the_clothes_of_an_ipv6_one) {
    Ends forged = ends(robot, admin);
    forged.from = address6("::ffff:a14:902");
    expect_drops(*robot_guest, robot, tcp6(forged, 40000, 8883), "malformed");
}

// What comes in by a router is beyond it, and never of a zone: 24, hairpin over the own uplink or a NAT
// address.
TEST_F(Spoofing, a_router_that_brings_in_what_is_of_a_zone) {
    for (const model::Port* inside :
         std::initializer_list<const model::Port*>{&robot, &press, &admin, &plc}) {
        model::Port forged = *inside;
        forged.mac = router.mac;
        expect_drops_of(*leg, router, opening(forged, robot, 443, 40000), "source_address");
    }
    expect_drops_of(*leg, router, opening(beyond, robot, 443, 40000), "direction");
    expect_drops_of(*leg, router, opening(beyond, admin, 40000, 8883), "no_conduit");
    expect_drops_of(*leg, router, opening(beyond, press, 40000, 8883), "no_conduit");
    expect_drops_of(*leg, router, opening(beyond, beyond, 40000, 443), "no_conduit");
}

// 35: a flow that is allowed and open does not carry a forged frame past the source guard.
TEST_F(Spoofing, an_open_flow_of_somebody_else) {
    robot_guest->send(opening(robot, admin, 40000, 8883));
    admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
    EXPECT_TRUE(admin_guest->receive() && robot_guest->receive());
    while (monitor->receive()) continue;
    const Bytes stolen = tcp(robot, admin, 40000, 8883);
    expect_drops(*press_guest, press, stolen, "source_mac");
    model::Port as_press = robot;
    as_press.mac = press.mac;
    expect_drops(*press_guest, press, tcp(as_press, admin, 40000, 8883), "source_address");
    expect_drops_of(*leg, router, stolen, "source_mac");
    as_press.mac = router.mac;
    expect_drops_of(*leg, router, tcp(as_press, admin, 40000, 8883), "source_address");
    expect_drops_of(*field, wire, stolen, "source_address");
}

// 12 and 13: there is no table of MAC addresses that a flood could fill or a frame could move.
TEST_F(Spoofing, a_flood_of_mac_addresses_teaches_nobody_anything) {
    Bytes frame = opening(robot, admin, 40000, 8883);
    const unsigned flood = 100'000;
    for (unsigned i = 0; i < flood; ++i) {
        put32(frame, offset::source_mac + 2, i);
        robot_guest->send(frame);
    }
    EXPECT_EQ(dropped(robot, "source_mac"), flood);
    expect_silence();
    robot_guest->send(opening(robot, admin, 40000, 8883));
    EXPECT_TRUE(admin_guest->receive());
    EXPECT_TRUE(monitor->receive());
    expect_silence();
}

// 36: a mirror only listens, and what it hears does not come back.
TEST_F(Spoofing, a_mirror_that_speaks) {
    for (const Bytes& frame : {opening(robot, admin, 40000, 8883), arp_request(mirror, admin), Bytes(20)})
        expect_drops(*monitor, mirror, frame, "mirror");
}

TEST_F(Spoofing, a_mirror_hears_its_conduit_both_ways_and_nothing_else) {
    const Bytes question = opening(robot, admin, 40000, 8883);
    const Bytes answer = tcp(admin, robot, 8883, 40000, syn | ack);
    robot_guest->send(question);
    admin_guest->send(answer);
    EXPECT_EQ(monitor->receive(), question);
    EXPECT_EQ(monitor->receive(), answer);
    EXPECT_TRUE(admin_guest->receive() && robot_guest->receive());
    robot_guest->send(icmp(robot, admin, 8));
    EXPECT_TRUE(admin_guest->receive());
    expect_silence();
}

}  // namespace
}  // namespace bulkhead::vnet::test
