// Attacks on and by way of connections, on the host and on management; and what of them is right.
#include <algorithm>
#include <chrono>

#include "tests/vnet/lab.hpp"

namespace bulkhead::vnet::test {
namespace {

class Connections : public Plant {
  protected:
    // Sequence numbers: the robot's begin at 1000, the administrator's at 9000.
    void connect() {
        robot_guest->send(numbered(opening(robot, admin, 40000, 8883), 1000, 0));
        admin_guest->send(numbered(tcp(admin, robot, 8883, 40000, syn | ack), 9000, 1001));
        robot_guest->send(numbered(tcp(robot, admin, 40000, 8883), 1001, 9001));
        drain();
    }
    void drain() {
        for (auto* guest : {&robot_guest, &press_guest, &admin_guest, &monitor})
            while ((*guest)->receive()) continue;
    }
    Bytes error_about(const Bytes& frame, const model::Port& from, const model::Port& to, unsigned type) {
        Bytes error = icmp(from, to, type);
        const std::size_t inner = std::min<std::size_t>(frame.size() - 14, 28);
        std::copy_n(frame.begin() + 14, inner, error.begin() + 42);
        return error;
    }
    bool arrives(Guest& sender, Guest& receiver, const Bytes& frame) {
        sender.send(frame);
        const bool got = receiver.receive() == frame;
        drain();
        return got;
    }
};

// 25: a segment without a connection, in every shape but the one that opens one.
TEST_F(Connections, a_segment_without_a_connection) {
    for (const unsigned flags :
         {unsigned{ack}, unsigned{syn | ack}, unsigned{rst}, unsigned{rst | ack}, unsigned{fin | ack}}) {
        expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883, static_cast<std::uint8_t>(flags)),
                     "no_connection");
        expect_drops(*admin_guest, admin, tcp(admin, robot, 8883, 40000, static_cast<std::uint8_t>(flags)),
                     "no_connection");
    }
    for (const unsigned flags : {0U, 0x01U, 0x03U, 0x06U, 0x05U, 0x3fU, 0x29U})
        expect_drops(*robot_guest, robot, tcp(robot, admin, 40000, 8883, static_cast<std::uint8_t>(flags)),
                     "tcp_state");
    expect_drops(*admin_guest, admin, icmp(admin, robot, 0), "no_connection");
    expect_drops(*admin_guest, admin, udp(admin, press, 514, 5000), "direction");
}

TEST_F(Connections, an_answer_before_the_handshake) {
    robot_guest->send(numbered(opening(robot, admin, 40000, 8883), 1000, 0));
    drain();
    expect_drops(*robot_guest, robot, numbered(tcp(robot, admin, 40000, 8883), 1001, 1), "tcp_state");
    expect_drops(*admin_guest, admin, numbered(tcp(admin, robot, 8883, 40000), 9000, 1001), "tcp_state");
    expect_drops(*admin_guest, admin, numbered(tcp(admin, robot, 8883, 40000, syn | ack), 9000, 0x70000000),
                 "tcp_state");
}

TEST_F(Connections, a_reset_out_of_the_window) {
    connect();
    for (const std::uint32_t sequence : {0x80000000U, 0x20000000U, 0xf0000000U})
        expect_drops(*admin_guest, admin, numbered(tcp(admin, robot, 8883, 40000, rst), sequence, 0),
                     "tcp_state");
    EXPECT_TRUE(arrives(*robot_guest, *admin_guest, numbered(tcp(robot, admin, 40000, 8883), 1001, 9001)));
    EXPECT_TRUE(arrives(*admin_guest, *robot_guest, numbered(tcp(admin, robot, 8883, 40000, rst), 9001, 0)));
}

TEST_F(Connections, an_icmp_error_about_a_flow_that_is_not_there_or_not_its_senders) {
    const Bytes flow = opening(robot, admin, 40000, 8883);
    expect_drops(*admin_guest, admin, error_about(flow, admin, robot, 3), "icmp_error");
    connect();
    Bytes other = opening(robot, admin, 40001, 8883);
    expect_drops(*admin_guest, admin, error_about(other, admin, robot, 3), "icmp_error");
    expect_drops(*press_guest, press, error_about(flow, press, robot, 3), "icmp_error");
    expect_drops(*robot_guest, robot, error_about(flow, robot, robot, 3), "icmp_error");
    expect_drops(*admin_guest, admin, icmp(admin, robot, 5), "service");
    EXPECT_TRUE(arrives(*admin_guest, *robot_guest, error_about(flow, admin, robot, 3)));
}

TEST_F(Connections, an_error_from_beyond_the_router_passes_for_its_flow_alone) {
    const Bytes flow = opening(robot, beyond, 40000, 443);
    robot_guest->send(flow);
    EXPECT_EQ(leg->receive(), flow);
    model::Port hop = router;
    hop.address = *model::parse_ipv4("198.51.100.9");
    const Bytes error = error_about(flow, hop, robot, 11);
    leg->send(error);
    EXPECT_EQ(robot_guest->receive(), error);
    expect_drops_of(*leg, router, error_about(opening(robot, beyond, 40001, 443), hop, robot, 11),
                    "icmp_error");
    hop.address = admin.address;
    expect_drops_of(*leg, router, error_about(flow, hop, robot, 11), "source_address");
}

TEST_F(Connections, a_flow_to_the_outside_and_back_and_nothing_else_of_it) {
    const Bytes flow = opening(robot, beyond, 40000, 443);
    robot_guest->send(flow);
    EXPECT_EQ(leg->receive(), flow);
    const Bytes answer = tcp(beyond, robot, 443, 40000, syn | ack);
    leg->send(answer);
    EXPECT_EQ(robot_guest->receive(), answer);
    expect_drops_of(*leg, router, tcp(beyond, robot, 443, 40001, syn | ack), "no_connection");
    robot_guest->send(udp(robot, router, 5353, 53));
    EXPECT_TRUE(leg->receive());
    leg->send(udp(router, robot, 53, 5353));
    EXPECT_TRUE(robot_guest->receive());
    expect_silence();
}

// 26: one tenant fills its quota; others don't notice.
TEST_F(Connections, a_tenant_that_opens_more_connections_than_it_may) {
    const unsigned quota = SWITCH_QUOTA;
    for (unsigned i = 0; i < quota; ++i) {
        robot_guest->send(opening(robot, admin, 1024 + i, 8883));
        admin_guest->receive();
    }
    drain();
    expect_drops(*robot_guest, robot, opening(robot, admin, 1024 + quota, 8883), "connections_full");
    EXPECT_TRUE(arrives(*robot_guest, *admin_guest, opening(robot, admin, 1024, 8883)))
        << "those that are open go on";
    EXPECT_TRUE(arrives(*press_guest, *admin_guest, udp(press, admin, 5000, 514)));
}

// 23: the host, its SSH, libvirt, metadata, management: there is no way to them, whatever they are called.
TEST_F(Connections, the_host_and_management) {
    for (const char* address : {"10.20.1.1", "169.254.169.254", "127.0.0.1", "192.0.2.1", "10.20.9.2"}) {
        for (const unsigned port : {22U, 16509U, 80U, 4789U}) {
            model::Port host = router;
            host.address = *model::parse_ipv4(address);
            const bool known = host.address == router.address || host.address == admin.address;
            expect_drops(*robot_guest, robot, opening(robot, host, 40000, port),
                         known ? "service" : "no_conduit");
            expect_drops(*robot_guest, robot, udp(robot, host, 40000, port),
                         known ? "service" : "no_conduit");
        }
    }
}

// Over the gateway's MAC address the switch is the router between zones: one hop, and not of the last one.
TEST_F(Connections, a_frame_over_the_gateway_is_routed) {
    model::Port gateway = admin;
    gateway.mac = router.mac;
    const Bytes sent = opening(robot, gateway, 40000, 8883);
    robot_guest->send(sent);
    Bytes arrived = sent;
    std::ranges::copy(admin.mac.bytes, arrived.begin());
    --arrived[22];
    EXPECT_EQ(admin_guest->receive(), sealed(arrived));
    drain();
    Bytes last = sent;
    last[22] = 1;
    expect_drops(*robot_guest, robot, sealed(last), "hop_limit");
    Ends six = ends(robot, gateway);
    Bytes arrived6 = tcp6(six, 40000, 8883);
    robot_guest->send(arrived6);
    std::ranges::copy(admin.mac.bytes, arrived6.begin());
    --arrived6[21];
    EXPECT_EQ(admin_guest->receive(), arrived6);
}

// 40, as far as it is not a matter of time: what is above the rate is dropped, and nobody else's.
TEST_F(Connections, a_noisy_port_is_held_to_its_rate) {
    model::Port noisy = press;
    noisy.rate = 80'000;  // 10 kB/s
    execute(model::CreatePort{noisy});
    unsigned arrived = 0;
    const unsigned sent = 2000;
    for (unsigned i = 0; i < sent; ++i) {
        press_guest->send(udp(press, admin, 5000, 514, 1400));
        if (admin_guest->receive()) ++arrived;
    }
    const auto refused = dropped(press, "rate");
    EXPECT_EQ(arrived + refused, sent);
    EXPECT_GT(refused, sent / 2);
    EXPECT_GT(arrived, 0U);
    EXPECT_TRUE(arrives(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883)));
}

}  // namespace
}  // namespace bulkhead::vnet::test
