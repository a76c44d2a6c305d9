// Attacks on the moments in which something changes: ports that come, interfaces that go, a policy between
// two states, a host that is made a router.
#include <net/if.h>

#include <atomic>
#include <thread>

#include "base/file.hpp"
#include "tests/vnet/lab.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::test {
namespace {

class Moments : public Furnished {};

// 24: with forwarding on, the host would route whatever it got. It gets nothing, and the change is told.
TEST_F(Moments, a_host_that_was_made_a_router) {
    run("echo 1 > /proc/sys/net/ipv4/ip_forward && echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    model::Port over_host = press;
    const auto own = read_file("/sys/class/net/" + robot.name.str() + "/address", 4096);
    ASSERT_TRUE(own);
    for (const auto& mac : {press.mac, *model::parse_mac(own->substr(0, 17))}) {
        over_host.mac = mac;
        expect_drops(*robot_guest, robot, opening(robot, over_host, 40000, 8883), "no_conduit");
        expect_drops(*robot_guest, robot, tcp6(ends(robot, over_host), 40000, 8883), "no_conduit");
    }
    EXPECT_FALSE(observe().ports.at(robot.name).guarded) << "open to the host";
    run("echo 0 > /proc/sys/net/ipv4/ip_forward && echo 0 > /proc/sys/net/ipv6/conf/all/forwarding");
}

// 30: a guest that sends without pause while its port is made, again and again.
TEST_F(Moments, frames_from_the_first_moment) {
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    std::atomic<bool> stop = false;
    std::jthread flood([&] {
        const Bytes to_admin = opening(robot, admin, 40000, 8883);
        const Bytes to_press = opening(robot, press, 40000, 8883);
        while (!stop) {  // while the port is down, that is refused
            robot_guest->try_send(to_admin);
            robot_guest->try_send(to_press);
        }
    });
    for (unsigned i = 0; i < 40; ++i) {
        model::Port again = robot;
        again.rate = 8'000'000 + i;
        execute(model::CreatePort{again});
    }
    stop = true;
    flood.join();
    EXPECT_FALSE(press_guest->receive() || admin_guest->receive()) << "a frame found a way";
    EXPECT_GT(dropped(robot, "service") + dropped(robot, "no_conduit"), 0U);
    for (const model::Port& each : {press, admin})
        EXPECT_EQ(dropped(each, "second_check") + dropped(each, "from_host"), 0U);
}

// 31: the interface of a port goes, and another one gets its number.
TEST_F(Moments, an_interface_with_the_number_of_one_that_is_gone) {
    const std::string number = std::to_string(::if_nametoindex(robot.name.str().c_str()));
    robot_guest.reset();
    run("ip link del " + robot.name.str());
    run("ip link add vnet-nic index " + number + " type veth peer name vnet-cable");
    run("ip link set vnet-nic up && echo 1 > /proc/sys/net/ipv6/conf/vnet-cable/disable_ipv6 && "
        "ip link set vnet-cable arp off up");
    Station cable("vnet-cable");
    const auto expect_nothing = [&](const char* when) {
        cable.send(opening(robot, admin, 40000, 8883));
        EXPECT_FALSE(press_guest->receive() || admin_guest->receive()) << when;
    };
    expect_nothing("it has no programs");
    EXPECT_FALSE(observe().ports.at(robot.name).guarded);
    model::Port wire;
    wire.name = model::PortName("vnet-nic");
    wire.kind = model::PortKind::wire;
    execute(model::CreatePort{wire});
    EXPECT_TRUE(observe().ports.at(wire.name).guarded);
    expect_nothing("it is another port");
    EXPECT_EQ(dropped(wire, "source_address"), 1U);
    execute(model::CreatePort{robot});
    EXPECT_TRUE(observe().ports.at(robot.name).guarded);
    EXPECT_TRUE(observe().ports.at(wire.name).guarded);
    execute(model::DeletePort{wire.name, {}});
    run("ip link del vnet-nic");
}

// 31: somebody's interface under the name of one that is gone.
TEST_F(Moments, an_interface_with_the_name_of_one_that_is_gone) {
    const std::string name = robot.name.str();
    robot_guest.reset();
    run("ip link del " + name + " && ip link add " + name + " type veth peer name vnet-cable");
    run("ip link set " + name + " up && ip link set vnet-cable arp off up");
    Station cable("vnet-cable");
    cable.send(opening(robot, admin, 40000, 8883));
    EXPECT_FALSE(admin_guest->receive());
    EXPECT_FALSE(observe().ports.at(robot.name).guarded);
    EXPECT_FALSE(driver->execute(model::CreatePort{robot})) << "it is not ours to take";
    run("ip link del " + name);
}

// 34: while a conduit changes, each frame is judged by the old rule or by the new one, and both let it pass.
TEST_F(Moments, a_policy_between_two_states) {
    model::Rule limited = readings;
    limited.rate = 80'000'000'000;
    robot_guest->send(opening(robot, admin, 40000, 8883));
    admin_guest->send(tcp(admin, robot, 8883, 40000, syn | ack));
    EXPECT_TRUE(admin_guest->receive() && robot_guest->receive());
    std::atomic<bool> stop = false;
    std::atomic<unsigned> sent = 0;
    unsigned lost = 0;
    unsigned leaked = 0;
    std::jthread traffic([&] {
        const Bytes open_one = tcp(robot, admin, 40000, 8883);
        const Bytes shut_one = opening(robot, admin, 40000, 22);
        for (; !stop; ++sent) {
            robot_guest->try_send(open_one);
            if (!admin_guest->receive()) ++lost;
            robot_guest->try_send(shut_one);
            if (admin_guest->receive()) ++leaked;
        }
    });
    const model::ConduitName name("readings");
    // As many changes, and as many frames between them, as tell something: a busy machine takes longer.
    for (unsigned i = 0; i < 100 || sent <= 100; ++i) {
        execute(model::OpenConduit{name, {limited}, {readings}});
        execute(model::OpenConduit{name, {readings}, {limited}});
    }
    stop = true;
    traffic.join();
    EXPECT_EQ(lost, 0U);
    EXPECT_EQ(leaked, 0U);
}

// 34: what a frame finds that was held up while it read the policy's entry for its flow.
class Entries : public Plant {
  protected:
    void SetUp() override {
        Plant::SetUp();
        program = open_maps();
        ASSERT_TRUE(program);
        maps = program->maps().policy;
        const auto slot_of = [&](const model::Port& port) {
            return maps->addresses.find(to_wire(port.address)).value().value().slot;
        };
        flow = {slot_of(robot), slot_of(admin), ::htons(8883), 6, 0};
        choice = maps->policy.find(flow).value().value();
    }

    std::unique_ptr<Program> program;
    std::optional<PolicyMaps> maps;
    switch_flow flow{};
    switch_choice choice{};  // of readings
};

TEST_F(Entries, newer_by_two_changes_than_the_frame) {
    const std::uint32_t now = maps->epoch.find(0).value().value();
    // The first change brought the rule, the second one is to bring its successor.
    switch_rule rule = maps->rules.find(choice.after).value().value();
    rule.born = now + 1;
    ASSERT_TRUE(maps->rules.put(choice.after, rule));
    ASSERT_TRUE(maps->policy.put(flow, {choice.after, choice.after + 1, now + 2}));
    robot_guest->send(opening(robot, admin, 40000, 8883));
    EXPECT_TRUE(admin_guest->receive());
}

TEST_F(Entries, whose_memory_has_gone_to_another_flow) {
    switch_flow other = flow;
    other.port = ::htons(22);
    ASSERT_TRUE(maps->policy.put(other, choice));
    expect_drops(*robot_guest, robot, opening(robot, admin, 40000, 22), "service");
}

TEST_F(Entries, of_layer_2_that_name_the_rule_of_others) {
    const auto peers = maps->layer2.entries().value();
    ASSERT_EQ(peers.size(), 1U);
    auto [key, entry] = peers.front();
    entry.to[0] = flow.to;
    ASSERT_TRUE(maps->layer2.put(key, entry));
    Bytes frame(60);
    std::ranges::copy(admin.mac.bytes, frame.begin());
    std::ranges::copy(press.mac.bytes, frame.begin() + 6);
    put16(frame, offset::ethertype, 0x8892);
    expect_drops(*press_guest, press, frame, "destination_mac");
}

}  // namespace
}  // namespace bulkhead::vnet::test
