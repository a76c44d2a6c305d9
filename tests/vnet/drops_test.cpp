// Every frame that is not allowed: dropped, and counted under its name.
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/vnet/lab.hpp"
#include "vnet/program.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::test {
namespace {

class Drops : public Furnished {
  protected:
    void expect_robot_drops(const Bytes& frame, const std::string& reason) {
        expect_drops(*robot_guest, robot, frame, reason);
    }

    const Bytes good = opening(robot, admin, 40000, 8883);
};

TEST_F(Drops, source_mac_of_another_port_and_group_addresses) {
    for (const auto& bytes : {admin.mac.bytes, press.mac.bytes, model::Mac{{1, 0, 0x5e, 0, 0, 1}}.bytes,
                              model::Mac{{255, 255, 255, 255, 255, 255}}.bytes, model::Mac{}.bytes}) {
        Bytes frame = good;
        std::ranges::copy(bytes, frame.begin() + offset::source_mac);
        expect_robot_drops(frame, "source_mac");
    }
    Bytes last_byte = good;
    last_byte[11] ^= 1;
    expect_robot_drops(last_byte, "source_mac");
}

TEST_F(Drops, source_address_that_is_not_the_ports) {
    for (const char* address : {"10.20.9.2", "10.20.1.11", "0.0.0.0", "127.0.0.1", "255.255.255.255"}) {
        Bytes frame = good;
        put32(frame, offset::source_address, model::parse_ipv4(address)->bits);
        expect_robot_drops(sealed(frame), "source_address");
    }
}

TEST_F(Drops, arp_with_a_forged_sender) {
    Bytes address = arp_request(robot, admin);
    put32(address, offset::arp_sender_address, press.address.bits);
    expect_robot_drops(address, "arp_sender");
    Bytes mac = arp_reply(robot, admin);
    std::ranges::copy(press.mac.bytes, mac.begin() + offset::arp_sender_mac);
    expect_robot_drops(mac, "arp_sender");
    Bytes probe = arp_request(robot, admin);
    put32(probe, offset::arp_sender_address, 0);
    expect_robot_drops(probe, "arp_sender");
}

TEST_F(Drops, arp_for_someone_without_a_conduit_and_answers_that_nobody_asked_for) {
    expect_robot_drops(arp_request(robot, press), "unknown_neighbour");
    expect_robot_drops(arp_reply(robot, press), "arp_operation");
    expect_robot_drops(arp_reply(robot, admin), "arp_operation");
}

TEST_F(Drops, arp_that_is_neither_request_nor_reply_or_of_another_family) {
    Bytes reverse = arp_request(robot, admin);
    put16(reverse, offset::arp_operation, 3);
    expect_robot_drops(reverse, "arp_operation");
    Bytes token_ring = arp_request(robot, admin);
    put16(token_ring, 14, 6);
    expect_robot_drops(token_ring, "malformed");
    Bytes long_addresses = arp_request(robot, admin);
    long_addresses[18] = 8;
    expect_robot_drops(long_addresses, "malformed");
}

TEST_F(Drops, tags_of_every_kind) {
    expect_robot_drops(tagged(good, 0x8100, 10), "vlan");
    expect_robot_drops(tagged(good, 0x8100, 0), "vlan");       // VLAN-0, a priority tag
    expect_robot_drops(tagged(good, 0x8100, 0xe000), "vlan");  // priority 7
    expect_robot_drops(tagged(good, 0x88a8, 10), "vlan");
    expect_robot_drops(tagged(tagged(good, 0x8100, 10), 0x8100, 20), "vlan");
    expect_robot_drops(tagged(tagged(good, 0x8100, 0), 0x88a8, 0), "vlan");
    expect_robot_drops(tagged(arp_request(press, admin), 0x8100, 0), "vlan");
}

TEST_F(Drops, every_ethertype_but_those_of_the_protocols) {
    // LLDP, 802.1X, PAUSE/LACP, PROFINET, GOOSE, EtherCAT, QinQ of old, MPLS, RARP, 802.1ah, PPPoE
    for (const unsigned type : {0x88cc, 0x888e, 0x8808, 0x8809, 0x8892, 0x88b8, 0x88a4, 0x9100, 0x8847,
                                0x8035, 0x88e7, 0x8864, 0x0000, 0xffff}) {
        Bytes frame = good;
        put16(frame, offset::ethertype, type);
        expect_robot_drops(frame, "ethertype");
    }
    Bytes bpdu = good;  // LLC: the field is a length
    put16(bpdu, offset::ethertype, 38);
    expect_robot_drops(bpdu, "ethertype");
    Bytes snap = good;  // LLC and SNAP around IPv4
    const Bytes llc{0x00, 0x30, 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x08, 0x00};
    snap.erase(snap.begin() + 12, snap.begin() + 14);
    snap.insert(snap.begin() + 12, llc.begin(), llc.end());
    expect_robot_drops(snap, "ethertype");
}

TEST_F(Drops, fragments) {
    for (const unsigned field : {0x2000U, 0x0001U, 0x2001U, 0x1fffU, 0x8000U}) {
        Bytes frame = good;
        put16(frame, offset::fragment, field);
        expect_robot_drops(frame, "fragment");
    }
    Bytes whole = good;
    put16(whole, offset::fragment, 0x4000);  // don't fragment
    expect_passes(*robot_guest, *admin_guest, sealed(whole));
}

TEST_F(Drops, options) {
    Bytes frame = good;
    frame[offset::ip] = 0x46;
    expect_robot_drops(frame, "options");
    frame[offset::ip] = 0x4f;
    expect_robot_drops(frame, "options");
}

TEST_F(Drops, lying_lengths_and_versions) {
    Bytes version = good;
    version[offset::ip] = 0x65;
    expect_robot_drops(version, "malformed");
    Bytes header = good;
    header[offset::ip] = 0x44;
    expect_robot_drops(header, "malformed");
    for (const unsigned length : {0U, 19U, 39U, 51U, 65535U}) {
        Bytes frame = good;
        put16(frame, offset::total_length, length);
        expect_robot_drops(frame, "malformed");
    }
    Bytes checksum = good;
    checksum[24] ^= 1;
    expect_robot_drops(checksum, "malformed");
    Bytes tail = good;  // bytes after the packet that no padding accounts for
    tail.resize(100);
    expect_robot_drops(tail, "malformed");
    for (const std::uint8_t words : {std::uint8_t{0x40}, std::uint8_t{0xf0}}) {
        Bytes frame = good;
        frame[offset::tcp_data_offset] = words;
        expect_robot_drops(frame, "malformed");
    }
    Bytes datagram = udp(press, admin, 5000, 514);
    put16(datagram, offset::transport + 4, 7);
    expect_drops(*press_guest, press, datagram, "malformed");
    put16(datagram, offset::transport + 4, 19);
    expect_drops(*press_guest, press, datagram, "malformed");
}

TEST_F(Drops, frames_that_end_inside_a_header) {
    for (const std::size_t size : {14U, 20U, 33U}) {
        Bytes frame = good;
        frame.resize(size);
        expect_robot_drops(frame, "runt");
    }
    for (const std::size_t size : {14U, 30U, 41U}) {
        Bytes frame = arp_request(robot, admin);
        frame.resize(size);
        expect_robot_drops(frame, "runt");
    }
    Bytes cut = good;
    cut.resize(50);
    put16(cut, offset::total_length, 36);
    expect_robot_drops(sealed(cut), "runt");
}

TEST_F(Drops, frames_and_segments_above_the_mtu) {
    expect_robot_drops(tcp(robot, admin, 40000, 8883, syn, 1461), "too_long");
    expect_passes(*robot_guest, *admin_guest, tcp(robot, admin, 40000, 8883, syn, 1460));
    VirtioHeader header;
    header.flags = needs_checksum;
    header.gso_type = gso_tcp4;
    header.hdr_len = 54;
    header.gso_size = 1461;
    header.csum_start = offset::transport;
    header.csum_offset = 16;
    robot_guest->send(tcp(robot, admin, 40000, 8883, ack, 20000), header);
    EXPECT_EQ(dropped(robot, "too_long"), 2U);
    expect_silence();
}

TEST_F(Drops, broadcast_and_multicast) {
    for (const auto& bytes :
         {model::Mac{{255, 255, 255, 255, 255, 255}}.bytes, model::Mac{{1, 0, 0x5e, 0, 0, 0xfb}}.bytes}) {
        Bytes frame = good;
        std::ranges::copy(bytes, frame.begin());
        expect_robot_drops(frame, "group_destination");
    }
}

TEST_F(Drops, a_destination_without_a_conduit) {
    expect_robot_drops(opening(robot, press, 40000, 8883), "no_conduit");
    expect_drops(*press_guest, press, opening(press, robot, 8883, 40000), "no_conduit");
    model::Port nobody = admin;
    nobody.address = *model::parse_ipv4("192.0.2.1");
    expect_robot_drops(opening(robot, nobody, 40000, 8883), "no_conduit");
    expect_robot_drops(opening(robot, robot, 40000, 8883), "no_conduit");
    expect_robot_drops(tcp6(ends(robot, press), 40000, 8883), "no_conduit");
}

TEST_F(Drops, another_port_or_protocol_than_the_conduits) {
    expect_robot_drops(opening(robot, admin, 40000, 22), "service");
    expect_robot_drops(udp(robot, admin, 40000, 8883), "service");
    Bytes sctp = good;
    sctp[offset::protocol] = 132;
    expect_robot_drops(sealed(sctp), "service");
    for (const unsigned type : {5U, 13U, 17U}) expect_robot_drops(icmp(robot, admin, type), "service");
    expect_drops(*press_guest, press, icmp(press, admin, 8), "service");
}

TEST_F(Drops, what_goes_against_the_conduits_direction) {
    expect_drops(*admin_guest, admin, opening(admin, robot, 40000, 8883), "service");
    expect_drops(*admin_guest, admin, opening(admin, robot, 8883, 22), "direction");
    expect_drops(*admin_guest, admin, icmp(admin, robot, 8), "direction");
    expect_drops(*admin_guest, admin, udp(admin, press, 514, 5000), "direction");
    expect_drops(*admin_guest, admin, udp(admin, press, 5000, 514), "service");
}

TEST_F(Drops, a_mac_that_does_not_belong_to_the_address) {
    Bytes frame = good;
    std::ranges::copy(press.mac.bytes, frame.begin());
    expect_robot_drops(frame, "destination_mac");
}

TEST_F(Drops, whatever_the_host_itself_sends) {
    const Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    ASSERT_TRUE(socket);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(::if_nametoindex(admin.name.str().c_str()));
    ::sendto(socket.get(), good.data(), good.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    EXPECT_EQ(dropped(admin, "from_host"), 1U);
    expect_silence();
}

// What a defect of the first program, or of whoever fills its maps, would do.
class SecondCheck : public Drops {
  protected:
    void SetUp() override {
        Drops::SetUp();
        program = open_maps();
        ASSERT_TRUE(program);
        maps = program->maps();
    }
    template <class Key, class Value>
    void put(Map<Key, Value> map, const Key& key, const Value& value) {
        ASSERT_TRUE(map.put(key, value));
    }
    switch_endpoint endpoint_of(const model::Port& port) {
        return maps->policy.addresses.find(to_wire(port.address)).value().value();
    }

    std::unique_ptr<Program> program;
    std::optional<Maps> maps;
};

TEST_F(SecondCheck, refuses_what_a_wrong_address_sends_to_another_port) {
    put(maps->policy.addresses, to_wire(press.address), endpoint_of(admin));
    Bytes frame = opening(robot, press, 40000, 8883);
    std::ranges::copy(admin.mac.bytes, frame.begin());
    robot_guest->send(frame);
    EXPECT_EQ(dropped(admin, "second_check"), 1U);
    expect_silence();
}

TEST_F(SecondCheck, refuses_what_a_wrong_target_sends_to_another_interface) {
    const Slot slot = endpoint_of(admin).slot;
    auto target = maps->policy.targets.find(slot).value().value();
    target.ifindex = ::if_nametoindex(press.name.str().c_str());
    put(maps->policy.targets, slot, target);
    robot_guest->send(good);
    EXPECT_EQ(dropped(press, "second_check"), 1U);
    expect_silence();
    EXPECT_FALSE(observe().ports.at(admin.name).guarded);
}

TEST_F(SecondCheck, refuses_what_a_rule_too_many_lets_into_another_zone) {
    const auto robot_slot = endpoint_of(robot).slot;
    const auto press_slot = endpoint_of(press).slot;
    const switch_flow meant{robot_slot, endpoint_of(admin).slot, ::htons(8883), 6, 0};
    const switch_choice choice = maps->policy.policy.find(meant).value().value();
    switch_rule rule = maps->policy.rules.find(choice.after).value().value();
    rule.flow.to = press_slot;
    put(maps->policy.rules, choice.after, rule);
    put(maps->policy.policy, rule.flow, choice);
    robot_guest->send(opening(robot, press, 40000, 8883));
    EXPECT_EQ(dropped(press, "second_check"), 1U);
    expect_silence();
}

}  // namespace
}  // namespace bulkhead::vnet::test
