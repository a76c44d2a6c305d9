// Attack 38 of vnet/README.md: to make a controller do over a guarded conduit what no rule allows. Through
// the real switch and the real guard, to a server of libmodbus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/vnet/guard/site.hpp"

namespace bulkhead::vnet::guard::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using vnet::test::ack;
using vnet::test::numbered;
using vnet::test::opening;
using vnet::test::Station;
using vnet::test::tcp;

const Bytes reads_7{0, 1, 0, 0, 0, 6, 1, 3, 0, 7, 0, 1};
const Bytes answer_7{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7};
const Bytes writes_7{0, 2, 0, 0, 0, 6, 1, 6, 0, 7, 0, 99};
const Bytes refuses_7{0, 2, 0, 0, 0, 3, 1, 0x86, 2};

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

class Attack : public GuardedSite {
  protected:
    void SetUp() override {
        GuardedSite::SetUp();
        recipes = port_of("recipes");
        press = port_of("press");
        machine.name = model::end_port_name(model::EndName("plc-1"));
        machine.mac = *model::parse_mac("02:00:00:00:03:28");
        machine.address = *model::parse_ipv4(controller);
        watch = station_in(plc_pen->pid(), "eth0");
    }
    void TearDown() override {
        watch.reset();
        GuardedSite::TearDown();
    }

    // TCP that reached the controller's own interface so far, without what the guard said to it.
    std::vector<Bytes> strangers() {
        std::vector<Bytes> found;
        while (auto frame = watch->receive()) {
            namespace offset = vnet::test::offset;
            const bool ipv4 = frame->size() > offset::transport && (*frame)[offset::ethertype] == 8;
            if (!ipv4 || (*frame)[offset::protocol] != 6) continue;
            const unsigned port = (*frame)[offset::transport] * 256U + (*frame)[offset::transport + 1];
            if (!is_guards(port)) found.push_back(*frame);
        }
        return found;
    }
    void expect_dropped(const std::function<void()>& attack, const model::Port& counted,
                        const std::string& reason) {
        const auto before = dropped(counted, reason);
        attack();
        // A pen carries frames to its tap in its own time.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (dropped(counted, reason) == before && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        EXPECT_EQ(dropped(counted, reason), before + 1) << reason;
        EXPECT_THAT(strangers(), IsEmpty());
    }

    model::Port recipes;
    model::Port press;
    model::Port machine;
    std::unique_ptr<Station> watch;
};

TEST_F(Attack, what_is_allowed_passes_and_neither_end_sees_a_guard) {
    Client client(recipes_pen->pid(), controller);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_EQ(client.write(1, 41, 1234), 1234);
    EXPECT_EQ(client.read(1, 41), 1234);
    EXPECT_THAT(plc->clients(), ElementsAre("10.20.1.10"));
    EXPECT_EQ(counts(acme, "set-points"), (model::GuardCounts{3, 0, 0, ""}));
    EXPECT_THAT(strangers(), IsEmpty());
}

TEST_F(Attack, over_ipv6_too) {
    const Server other(plc_pen->pid(), "fd20:3::40");
    Client client(recipes_pen->pid(), "fd20:3::40");
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_EQ(client.write(1, 7, 1), -2);
    EXPECT_THAT(other.clients(), ElementsAre("fd20:1::10"));
    EXPECT_THAT(other.seen(), ElementsAre(3));
}

TEST_F(Attack, a_write_where_only_reading_is_allowed_and_another_unit) {
    Client client(recipes_pen->pid(), controller);
    EXPECT_EQ(client.write(1, 7, 1), -2);
    EXPECT_EQ(client.read(1, 50), -2);
    EXPECT_EQ(client.read(2, 7), -10);
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_THAT(plc->seen(), ElementsAre(3));
    EXPECT_EQ(plc->held(7), 7);
    const auto now = counts(acme, "set-points");
    EXPECT_EQ(now.refused, 3U);
    EXPECT_EQ(now.last, "unit 2, function 3, read holding-registers 7: no rule is for this unit");
    const auto told = guard_driver->take_refusals(std::chrono::steady_clock::now());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].tenant, acme);
    EXPECT_THAT(told[0].text,
                HasSubstr("conduit set-points: 3 requests were refused, last: unit 2, function 3"));
}

// The other tenant's conduit to the same controller has a guard and rules of its own.
TEST_F(Attack, one_tenant_with_the_others_rules) {
    Client client(press_pen->pid(), controller);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.write(1, 41, 1), -1) << "the other one may";
    EXPECT_EQ(client.read(1, 7), -2) << "likewise";
    EXPECT_EQ(client.read(1, 17), 17);
    EXPECT_THAT(plc->seen(), ElementsAre(3));
    EXPECT_EQ(counts(borealis, "counts").refused, 2U);
    EXPECT_EQ(counts(acme, "set-points"), model::GuardCounts());
}

TEST_F(Attack, requests_that_are_split_and_pipelined) {
    const Fd socket = connect_raw(recipes_pen->pid(), controller);
    ASSERT_TRUE(socket);
    send_raw(socket, joined({reads_7, writes_7, {reads_7.begin(), reads_7.end() - 5}}));
    EXPECT_EQ(receive_raw(socket, answer_7.size()), answer_7);
    EXPECT_EQ(receive_raw(socket, refuses_7.size()), refuses_7);
    send_raw(socket, {reads_7.end() - 5, reads_7.end()});
    EXPECT_EQ(receive_raw(socket, answer_7.size()), answer_7);
    // A write whose two halves look like nothing, right behind a read.
    send_raw(socket, joined({reads_7, {writes_7.begin(), writes_7.begin() + 7}}));
    EXPECT_EQ(receive_raw(socket, answer_7.size()), answer_7);
    send_raw(socket, {writes_7.begin() + 7, writes_7.end()});
    EXPECT_EQ(receive_raw(socket, refuses_7.size()), refuses_7);
    EXPECT_THAT(plc->seen(), ElementsAre(3, 3, 3));
    EXPECT_EQ(plc->held(7), 7);
}

// A length that says more or less than there is would have the controller see another request than the guard.
TEST_F(Attack, lengths_that_lie) {
    Bytes longer = writes_7;
    longer[5] = 7;
    Bytes shorter = writes_7;
    shorter[5] = 2;
    for (const Bytes& lie : {joined({longer, reads_7}), joined({shorter, writes_7}),
                             Bytes{0, 1, 0, 0, 1, 6, 1, 3}, Bytes{0, 1, 0, 1, 0, 6, 1, 3}}) {
        const Fd socket = connect_raw(recipes_pen->pid(), controller);
        ASSERT_TRUE(socket);
        send_raw(socket, lie);
        bool closed = false;
        while (!closed && !receive_raw(socket, 1, &closed).empty()) continue;
    }
    EXPECT_THAT(plc->seen(), Each(3)) << "a write came through";
    EXPECT_EQ(plc->held(7), 7);
    EXPECT_GE(counts(acme, "set-points").broken, 2U);
}

TEST_F(Attack, a_request_that_drips_ends_and_leaves_room_for_others) {
    const Fd slow = connect_raw(recipes_pen->pid(), controller);
    ASSERT_TRUE(slow);
    send_raw(slow, {0, 1, 0, 0, 0});
    Client client(recipes_pen->pid(), controller);
    EXPECT_EQ(client.read(1, 7), 7) << "meanwhile";
    bool closed = false;
    receive_raw(slow, 1, &closed);  // for as long as a request may take
    if (!closed) receive_raw(slow, 1, &closed);
    EXPECT_TRUE(closed);
    EXPECT_EQ(counts(acme, "set-points").last, "a request that never came whole");
    EXPECT_THAT(plc->seen(), ElementsAre(3));
}

// Past the guard, by what an end of the conduit can say.
TEST_F(Attack, other_ports_and_protocols_and_ways_back) {
    const auto own = station_in(recipes_pen->pid(), "eth0");
    for (const unsigned port : {501U, 503U, 1502U, 80U})
        expect_dropped([&] { own->send(opening(recipes, machine, 40000, port)); }, recipes, "service");
    expect_dropped([&] { own->send(vnet::test::udp(recipes, machine, 40000, 502)); }, recipes, "service");
    // In the middle of a connection that nobody opened, and to the controller at the guard's own address.
    expect_dropped([&] { own->send(tcp(recipes, machine, 40000, 502)); }, recipes, "no_connection");
    model::Port disguised = machine;
    disguised.mac = model::guard_mac(spec.gateway, acme);
    expect_dropped([&] { own->send(opening(recipes, disguised, 40000, 502)); }, recipes, "destination_mac");
    model::Port forged = recipes;
    forged.address = press.address;
    expect_dropped([&] { own->send(opening(forged, machine, 40000, 502)); }, recipes, "source_address");
    forged = recipes;
    forged.mac = disguised.mac;
    expect_dropped([&] { own->send(opening(forged, machine, 40000, 502)); }, recipes, "source_mac");
    EXPECT_THAT(plc->clients(), IsEmpty());
}

// The connection that the guard holds to the controller is in the client's name. The client itself can
// neither speak in it nor end it.
TEST_F(Attack, a_client_that_takes_over_what_the_guard_says_in_its_name) {
    Client client(recipes_pen->pid(), controller);
    ASSERT_EQ(client.read(1, 7), 7);
    const unsigned guards_port = port_of_guard();
    ASSERT_NE(guards_port, 0U);
    const auto own = station_in(recipes_pen->pid(), "eth0");
    for (const unsigned flags : {unsigned{ack}, unsigned{vnet::test::syn}, unsigned{vnet::test::rst},
                                 unsigned{vnet::test::fin | ack}})
        expect_dropped(
            [&] { own->send(tcp(recipes, machine, guards_port, 502, static_cast<std::uint8_t>(flags))); },
            recipes, "tcp_state");
    EXPECT_EQ(client.read(1, 8), 8) << "the connection stands";
    EXPECT_THAT(plc->seen(), ElementsAre(3, 3));
}

// Somebody has taken the guard over: it reaches whom its conduits name, and nobody else.
TEST_F(Attack, a_guard_that_was_taken_over) {
    const auto leg = station_in(pid_of(acme), model::guard_leg_name(acme).str());
    model::Port self = recipes;
    self.mac = model::guard_mac(spec.gateway, acme);
    model::Port target = machine;
    target.mac = self.mac;  // as it says all that it says
    const auto other = station_in(press_pen->pid(), "eth0");
    model::Port victim = press;
    victim.mac = self.mac;
    const auto says = [&](const Bytes& frame) { return [&leg, frame] { leg->send(frame); }; };
    // In its client's name, and in that of others; to other ports, and backwards.
    expect_dropped(says(opening(self, target, 15000, 503)), recipes, "service");
    expect_dropped(says(opening(self, victim, 15000, 502)), recipes, "no_conduit");
    model::Port back = machine;
    back.mac = self.mac;
    expect_dropped(says(opening(back, self, 502, 40000)), machine, "direction");
    model::Port in_anothers_name = press;
    in_anothers_name.mac = self.mac;
    expect_dropped(says(opening(in_anothers_name, target, 15000, 502)), press, "source_address");
    model::Port nobody = self;
    nobody.address = *model::parse_ipv4("192.0.2.1");
    model::Port guard;
    guard.name = model::guard_port_name(acme);
    expect_dropped(says(opening(nobody, target, 15000, 502)), guard, "source_address");
    expect_dropped(says(vnet::test::arp_request(self, machine)), guard, "no_conduit");
    model::Port lying = self;
    lying.mac = recipes.mac;
    expect_dropped(says(opening(lying, target, 15000, 502)), guard, "source_mac");
    EXPECT_FALSE(other->receive()) << "a frame for another tenant";
}

// While there is no guard the conduit is closed, and what is open over it ends.
TEST_F(Attack, a_guard_that_is_killed_opens_nothing) {
    Client client(recipes_pen->pid(), controller);
    ASSERT_EQ(client.read(1, 7), 7);
    kill_guard(acme);
    strangers();
    const auto own = station_in(recipes_pen->pid(), "eth0");
    own->send(opening(recipes, machine, 40000, 502));
    EXPECT_FALSE(connect_raw(recipes_pen->pid(), controller, 1));
    EXPECT_THAT(strangers(), IsEmpty());
    Client others(press_pen->pid(), controller);
    EXPECT_EQ(others.read(1, 17), 17) << "another tenant's guard goes on";
    converge();
    EXPECT_LT(client.read(1, 7), 0) << "nobody knows this connection any more";
    Client again(recipes_pen->pid(), controller);
    EXPECT_EQ(again.read(1, 7), 7);
    EXPECT_EQ(again.write(1, 7, 1), -2);
    EXPECT_THAT(plc->seen(), ElementsAre(3, 3, 3));
}

}  // namespace
}  // namespace bulkhead::vnet::guard::test
