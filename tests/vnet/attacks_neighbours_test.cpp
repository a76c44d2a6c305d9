// Attacks by ARP, neighbour discovery, router advertisements and DHCP; and what of them is right.
#include <algorithm>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

class Neighbours : public Plant {
  protected:
    const model::Ipv6 local = address6("fe80::77");
    const model::Ipv6 all_nodes = address6("ff02::1");
    const model::Ipv6 all_routers = address6("ff02::2");
    const model::Mac to_all_nodes{{0x33, 0x33, 0, 0, 0, 1}};
    const model::Mac to_all_routers{{0x33, 0x33, 0, 0, 0, 2}};
};

// 3: poisoned replies, unasked; and a sender inside that is not the one outside.
TEST_F(Neighbours, arp_poisoning) {
    for (const model::Port* victim : std::initializer_list<const model::Port*>{&admin, &router, &press}) {
        Bytes reply = arp_reply(robot, admin);
        put32(reply, offset::arp_sender_address, victim->address.bits);
        expect_drops(*robot_guest, robot, reply, "arp_sender");
    }
    Bytes inner = arp_request(robot, admin);
    std::ranges::copy(admin.mac.bytes, inner.begin() + offset::arp_sender_mac);
    expect_drops(*robot_guest, robot, inner, "arp_sender");
    expect_drops(*robot_guest, robot, arp_reply(robot, admin), "arp_operation");
}

// 4: a gratuitous ARP for the gateway.
TEST_F(Neighbours, a_gratuitous_arp_for_the_gateway) {
    for (const unsigned operation : {1U, 2U}) {
        Bytes gratuitous = arp_request(robot, router);
        put16(gratuitous, offset::arp_operation, operation);
        put32(gratuitous, offset::arp_sender_address, router.address.bits);
        expect_drops(*robot_guest, robot, gratuitous, "arp_sender");
    }
}

TEST_F(Neighbours, what_a_host_says_of_its_own_address_is_right_and_goes_nowhere) {
    Bytes probe = arp_request(robot, robot);
    put32(probe, offset::arp_sender_address, 0);
    const auto before = dropped(robot);
    robot_guest->send(arp_request(robot, robot));
    robot_guest->send(probe);
    robot_guest->send(solicitation(robot.mac, model::Ipv6{}, *robot.address6));
    robot_guest->send(solicitation(robot.mac, model::Ipv6{}, local));
    EXPECT_EQ(dropped(robot), before);
    expect_silence();
}

// 5: advertisements, unasked or with the override flag; solicitations with a forged sender; duplicate
// detection for somebody else's address.
TEST_F(Neighbours, neighbour_discovery_in_the_name_of_others) {
    expect_drops(*robot_guest, robot, advertisement(ends(robot, admin), *admin.address6, robot.mac),
                 "neighbour");
    expect_drops(
        *robot_guest, robot,
        advertisement({robot.mac, *robot.address6, to_all_nodes, all_nodes}, *router.address6, robot.mac),
        "neighbour");
    expect_drops(*robot_guest, robot, solicitation(robot.mac, *press.address6, *admin.address6),
                 "arp_sender");
    Bytes option = solicitation(robot.mac, *robot.address6, *admin.address6);
    std::ranges::copy(press.mac.bytes, option.end() - 6);
    expect_drops(*robot_guest, robot, option, "arp_sender");
    expect_drops(*robot_guest, robot, solicitation(robot.mac, model::Ipv6{}, *admin.address6), "arp_sender");
    expect_drops(*robot_guest, robot, solicitation(robot.mac, *robot.address6, *press.address6),
                 "unknown_neighbour");
    Bytes routed = solicitation(robot.mac, *robot.address6, *admin.address6);
    routed[21] = 254;
    expect_drops(*robot_guest, robot, routed, "hop_limit");
    expect_drops(*robot_guest, robot, icmp6(ends(robot, admin), 137, Bytes(36)), "neighbour");
}

// 6: router advertisements of anyone but the router; behind an extension header or in a fragment too.
TEST_F(Neighbours, rogue_router_advertisements) {
    const Ends to_all{robot.mac, local, to_all_nodes, all_nodes};
    const Bytes body(12);
    expect_drops(*robot_guest, robot, icmp6(to_all, 134, body), "neighbour");
    expect_drops(*admin_guest, admin, icmp6({admin.mac, local, to_all_nodes, all_nodes}, 134, body),
                 "neighbour");
    Bytes message{134, 0, 0, 0};
    message.resize(16);
    for (const auto& [header, reason] : {std::pair<std::uint8_t, const char*>{0, "options"},
                                         {60, "options"},
                                         {43, "options"},
                                         {44, "fragment"}}) {
        Bytes hidden{58, 0, 0, 0, 0, 0, 0, 0};
        hidden.insert(hidden.end(), message.begin(), message.end());
        expect_drops(*robot_guest, robot, ipv6(to_all, header, hidden, 255), reason);
    }
}

// A host drops its default route over one that does not say so (RFC 4861, 7.3.3).
TEST_F(Neighbours, the_router_is_answered_for_as_a_router_and_a_peer_is_not) {
    const auto flags_of = [&](const model::Ipv6& target) {
        robot_guest->send(solicitation(robot.mac, *robot.address6, target));
        const auto answer = robot_guest->receive();
        return answer && answer->size() > 58 ? int{(*answer)[58]} : -1;
    };
    EXPECT_EQ(flags_of(*router.address6), 0xe0);
    EXPECT_EQ(flags_of(address6("fe80::1")), 0xe0);
    EXPECT_EQ(flags_of(*admin.address6), 0x60);
}

TEST_F(Neighbours, the_routers_own_advertisement_reaches_its_zone_and_nobody_else) {
    const Ends to_all{router.mac, address6("fe80::1"), to_all_nodes, all_nodes};
    Bytes frame = icmp6(to_all, 134, Bytes(12));
    leg->send(frame);
    std::ranges::copy(robot.mac.bytes, frame.begin());
    EXPECT_EQ(robot_guest->receive(), frame) << "to the zone's guest, and to it alone";
    expect_silence();
    Bytes question = icmp6({robot.mac, local, to_all_routers, all_routers}, 133, Bytes(4));
    robot_guest->send(question);
    std::ranges::copy(router.mac.bytes, question.begin());
    EXPECT_EQ(leg->receive(), question);
    expect_silence();
    const Bytes answer = icmp6({router.mac, address6("fe80::1"), robot.mac, local}, 134, Bytes(12));
    leg->send(answer);
    EXPECT_EQ(robot_guest->receive(), answer);
    expect_silence();
}

// 7: DHCP servers that are none.
TEST_F(Neighbours, rogue_dhcp_servers) {
    expect_drops(*robot_guest, robot, dhcp_reply(robot, admin.mac, admin.address), "dhcp");
    expect_drops(*admin_guest, admin, dhcp_reply(admin, robot.mac, robot.address), "dhcp");
    Ends forged = ends(robot, admin);
    forged.from = local;
    expect_drops(*robot_guest, robot, udp6(forged, 547, 546), "dhcp");
    // The router's own, for an address or a MAC that is not the client's.
    expect_drops_of(*leg, router, dhcp_reply(router, press.mac, press.address), "dhcp");
    expect_drops_of(*leg, router, dhcp_reply(router, robot.mac, admin.address), "dhcp");
    expect_drops_of(*leg, router, dhcp_reply(router, admin.mac, robot.address), "dhcp");
}

// 8: starvation: a client asks for itself alone, and only where it is told to.
TEST_F(Neighbours, dhcp_starvation) {
    for (unsigned i = 0; i < 100; ++i)
        expect_drops(*robot_guest, robot,
                     dhcp_request(robot, model::Mac{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(i)}}), "dhcp");
    expect_drops(*admin_guest, admin, dhcp_request(admin, admin.mac), "dhcp");
    Bytes relayed = dhcp_request(robot, robot.mac);
    put32(relayed, 66, robot.address.bits);
    expect_drops(*robot_guest, robot, relayed, "dhcp");
}

TEST_F(Neighbours, a_client_gets_its_address_of_its_router) {
    Bytes question = dhcp_request(robot, robot.mac);
    robot_guest->send(question);
    std::ranges::copy(router.mac.bytes, question.begin());
    EXPECT_EQ(leg->receive(), question);
    expect_silence();
    const Bytes answer = dhcp_reply(router, robot.mac, robot.address);
    leg->send(answer);
    EXPECT_EQ(robot_guest->receive(), answer);
    expect_silence();
    Bytes question6 =
        udp6({robot.mac, local, model::Mac{{0x33, 0x33, 0, 1, 0, 2}}, address6("ff02::1:2")}, 546, 547);
    robot_guest->send(question6);
    std::ranges::copy(router.mac.bytes, question6.begin());
    EXPECT_EQ(leg->receive(), question6);
    const Bytes answer6 = udp6({router.mac, address6("fe80::1"), robot.mac, local}, 547, 546);
    leg->send(answer6);
    EXPECT_EQ(robot_guest->receive(), answer6);
    expect_silence();
}

// 16: link-local addresses reach neither the host nor another tenant.
TEST_F(Neighbours, link_local_addresses_are_no_way_round) {
    Ends between{robot.mac, local, admin.mac, address6("fe80::2")};
    expect_drops(*robot_guest, robot, tcp6(between, 40000, 22), "source_address");
    between.from = *robot.address6;
    expect_drops(*robot_guest, robot, tcp6(between, 40000, 22), "no_conduit");
    expect_drops(*robot_guest, robot, solicitation(robot.mac, local, address6("fe80::2")),
                 "unknown_neighbour");
    expect_drops(*robot_guest, robot, icmp6(between, 128, Bytes(4), 64), "no_conduit");
}

}  // namespace
}  // namespace bulkhead::vnet::test
