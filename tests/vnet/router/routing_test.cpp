// What a tenant's router does for its partitions: real dnsmasq, nftables and switch, in network namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/file.hpp"
#include "tests/vnet/router/site.hpp"
#include "vnet/router/lacks.hpp"

namespace bulkhead::vnet::router::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Routing : public Site {
  protected:
    // The address under which the server in the world saw the robot; what went wrong otherwise.
    std::string fetch(const std::string& from = "http://203.0.113.7/") {
        std::string output;
        const int status = robot_pen->run("curl -sS -m 5 " + from, &output);
        return status == 0 ? output : "refused: " + output;
    }
    // What is forwarded from the uplink's port 8443.
    void serve_at_collector() {
        ASSERT_EQ(
            collector_pen->run("ip addr add 10.20.1.11/24 dev eth0 && ip route add default via 10.20.1.1"),
            0);
        collector_pen->start(
            "python3 -u -c \"import socket; s=socket.create_server((str(), 443))\nwhile True: "
            "s.accept()[0].send(b\\\"historian\\\")\"",
            folder / "historian");
        await(*collector_pen, "bash -c \"exec 3<>/dev/tcp/10.20.1.11/443\"");
    }
    // On the host.
    static int run(const std::string& command, std::string* output = nullptr) {
        std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
        if (!pipe) return -1;
        std::array<char, 4096> room{};
        while (const std::size_t got = std::fread(room.data(), 1, room.size(), pipe.get()))
            if (output != nullptr) output->append(room.data(), got);
        return ::pclose(pipe.release());
    }
    std::string answer(const std::string& name) {
        std::string output;
        robot_pen->run("busybox nslookup -type=a " + name + " 10.20.1.1", &output);
        return output;
    }
};

TEST_F(Routing, gives_a_partition_the_address_of_the_spec_and_no_other) {
    EXPECT_EQ(ask_for_address(*robot_pen),
              "lease 10.20.1.10/24 from 10.20.1.1 router 10.20.1.1 dns 10.20.1.1");
    // The collector did not ask in the spec: its request never reaches the router.
    EXPECT_THAT(ask_for_address(*collector_pen, 2), HasSubstr("no lease"));
}

TEST_F(Routing, leads_out_under_the_uplinks_address_as_far_as_a_conduit_allows) {
    ask_for_address(*robot_pen);
    EXPECT_EQ(fetch(), "192.0.2.10");
    EXPECT_THAT(fetch("http://203.0.113.7:81/"), HasSubstr("refused"));
    EXPECT_EQ(robot_pen->run("busybox ping -c 1 -W 5 203.0.113.7"), 0);
    // Beyond, but no outside of the spec.
    EXPECT_NE(robot_pen->run("busybox ping -c 1 -W 2 192.0.2.1"), 0);
    // The collector has the way, but no conduit.
    ASSERT_EQ(collector_pen->run("ip addr add 10.20.1.11/24 dev eth0 && ip route add default via 10.20.1.1"),
              0);
    EXPECT_NE(collector_pen->run("curl -sS -m 3 http://203.0.113.7/"), 0);
}

TEST_F(Routing, drops_what_the_switch_would_have_let_through_by_a_defect) {
    ask_for_address(*robot_pen);
    // As if the switch allowed more than the spec: the router's own firewall still stands.
    const auto port = port_of("robot-cell").name;
    const auto outside = model::end_port_name(model::EndName("updates"));
    execute(model::OpenConduit{
        model::ConduitName("defect"),
        {{port, outside, {model::Transport::tcp, 81}, model::conduit_id(model::ConduitName("defect"))}}});
    EXPECT_THAT(fetch("http://203.0.113.7:81/"), HasSubstr("refused"));
}

TEST_F(Routing, forwards_a_service_to_its_partition) {
    serve_at_collector();
    const auto dial = [&](const std::string& from, int port) {
        std::string output;
        world->run("python3 -c \"import socket; print(socket.create_connection((\\\"192.0.2.10\\\", " +
                       std::to_string(port) + "), 5, (\\\"" + from + "\\\", 0)).recv(99))\"",
                   &output);
        return output;
    };
    EXPECT_THAT(dial("203.0.113.7", 8443), HasSubstr("b'historian'"));
    // From nowhere in the outside that the conduit names; and by the port that it has inside.
    EXPECT_THAT(dial("192.0.2.1", 8443), HasSubstr("timed out"));
    EXPECT_THAT(dial("203.0.113.7", 443), HasSubstr("timed out"));
}

// Attack 24: to a neighbour by the router's outer address, where what comes from outside is forwarded.
TEST_F(Routing, forwards_nothing_that_comes_from_inside) {
    ask_for_address(*robot_pen);
    serve_at_collector();
    spec.outsides[0].prefixes.push_back({{0xC0000200}, 24});  // the uplink's own network
    converge();
    const auto dial = [](const Pen& pen) {
        std::string output;
        pen.run(
            "python3 -c \"import socket; print(socket.create_connection((\\\"192.0.2.10\\\", 8443), "
            "3).recv(99))\"",
            &output);
        return output;
    };
    ASSERT_THAT(dial(*world), HasSubstr("b'historian'"));
    // As if the switch allowed it: the way is open as far as the router.
    execute(model::OpenConduit{model::ConduitName("defect"),
                               {{port_of("robot-cell").name,
                                 model::end_port_name(model::EndName("updates")),
                                 {model::Transport::tcp, 8443},
                                 model::conduit_id(model::ConduitName("defect"))}}});
    EXPECT_THAT(dial(*robot_pen), HasSubstr("timed out"));
}

// Attack 33: rules that somebody else changes within the router's namespace.
TEST_F(Routing, puts_its_firewall_back_when_somebody_changes_it) {
    ask_for_address(*robot_pen);
    const auto state = wait_for([](const State&) { return true; });
    EXPECT_EQ(state.tampering.times, 0U) << state.tampering.who;
    const auto inside = "nsenter -t " + std::to_string(state.pid) + " -n nft ";
    const auto rules = [&] {
        std::string text;
        EXPECT_EQ(run(inside + "-s list ruleset", &text), 0);
        return text;
    };
    const auto before = rules();
    ASSERT_THAT(before, HasSubstr("policy drop"));
    unsigned times = 0;
    for (const std::string& change :
         {std::string("flush ruleset"), std::string("add rule inet bulkhead forward accept"),
          std::string("add table inet other")}) {
        ASSERT_EQ(run(inside + change), 0);
        ++times;
        const auto told = wait_for([&](const State& now) { return now.tampering.times == times; });
        EXPECT_THAT(told.tampering.who, HasSubstr("nft ("));
        EXPECT_EQ(rules(), before) << change;
    }
    EXPECT_EQ(fetch(), "192.0.2.10");
    const auto news = router_driver->take_news();
    ASSERT_EQ(news.tampering.size(), 1U);
    EXPECT_THAT(news.tampering[0], HasSubstr("the firewall of router acme was changed by nft ("));
    EXPECT_TRUE(router_driver->take_news().tampering.empty());
}

TEST_F(Routing, answers_the_names_of_the_list_and_asks_for_no_other) {
    ask_for_address(*robot_pen);
    EXPECT_THAT(answer("updates.example.com"), HasSubstr("203.0.113.7"));
    const auto refused = answer("secret.other.test");
    EXPECT_THAT(refused, Not(HasSubstr("203.0.113.8")));
    EXPECT_THAT(refused, HasSubstr("REFUSED"));
    const auto asked = read_file(folder / "names", 1 << 20).value_or("");
    EXPECT_THAT(asked, HasSubstr("updates.example.com"));
    EXPECT_THAT(asked, Not(HasSubstr("secret"))) << "a name left the gateway that is on no list";
}

TEST_F(Routing, is_the_only_one_whose_offers_are_heard) {
    ASSERT_EQ(collector_pen->run("ip addr add 10.20.1.11/24 dev eth0"), 0);
    collector_pen->start(
        "dnsmasq -k --conf-file=/dev/null --no-daemon --port=0 --user=root --interface=eth0 "
        "--dhcp-authoritative --log-dhcp --dhcp-range=10.20.1.100,10.20.1.200 "
        "--dhcp-leasefile=/dev/null",
        folder / "rogue");
    EXPECT_THAT(ask_for_address(*robot_pen), HasSubstr("lease 10.20.1.10/24 from 10.20.1.1 "));
    // And while the router is silent, nobody speaks in its place.
    ASSERT_TRUE(router_driver->execute(model::DeleteRouter{acme}));
    EXPECT_THAT(ask_for_address(*robot_pen, 3), HasSubstr("no lease"));
    EXPECT_THAT(read_file(folder / "rogue", 1 << 20).value_or(""), Not(HasSubstr("DHCPDISCOVER")));
}

TEST_F(Routing, advertises_the_zones_prefix) {
    const auto wanted = to_string(*spec.partitions[0].interfaces[0].address6);
    std::string seen;
    // The kernel tells of the address when the router's word has come.
    ASSERT_EQ(robot_pen->run("timeout 30 ip -6 monitor address | grep -m1 -q " + wanted +
                             " & "
                             "ip link set eth0 down; ip link set eth0 up; wait $!"),
              0);
    robot_pen->run("ip -6 route show default", &seen);
    EXPECT_THAT(seen, HasSubstr("via fe80::1 dev eth0"));
}

TEST_F(Routing, leads_out_over_ipv6_where_the_uplink_does) {
    const auto wanted = to_string(*spec.partitions[0].interfaces[0].address6);
    // One that is tentative still (RFC 4862, 5.4) is no source: the kernel would take the link-local one.
    await(*robot_pen, "ip -6 addr show dev eth0 -tentative | grep -q " + wanted);
    await(*robot_pen, "ip -6 route show default | grep -q fe80::1");
    EXPECT_EQ(fetch("http://[2001:db8:7::7]/"), "2001:db8:2::10");
    // Beyond, but no outside of the spec.
    EXPECT_THAT(fetch("http://[2001:db8:2::1]/"), HasSubstr("refused"));
    // The other uplink has no IPv6: what is beyond is out of reach then, by no other way either.
    ASSERT_EQ(world->run("ip addr del 192.0.2.1/24 dev far2"), 0);
    wait_for([](const State& state) { return state.uplinks.size() == 2 && state.uplinks[1].used; });
    EXPECT_THAT(fetch("http://[2001:db8:7::7]/"), HasSubstr("refused"));
}

TEST_F(Routing, shares_a_card_by_a_tag_of_its_own) {
    for (const auto& lack : lacks())
        if (lack.for_vlans) GTEST_SKIP() << "this kernel lacks " << lack.name;
    ASSERT_EQ(world->run("ip addr flush dev far3 && ip link add link far3 name far3.20 type vlan id 20 && "
                         "ip addr add 198.51.100.1/24 dev far3.20 && ip link set far3.20 up && "
                         "ip addr del 192.0.2.1/24 dev far2"),
              0);
    spec.uplinks[1].vlan = 20;
    converge();
    ask_for_address(*robot_pen);
    wait_for([](const State& state) { return state.uplinks.size() == 2 && state.uplinks[1].used; });
    EXPECT_EQ(fetch(), "198.51.100.10");
    // The card is the host's still.
    EXPECT_EQ(read_file("/sys/class/net/enp3s0/ifalias", 4096).value_or("?"), "");
}

TEST_F(Routing, moves_to_the_next_uplink_when_nobody_answers_and_back) {
    ask_for_address(*robot_pen);
    ASSERT_EQ(fetch(), "192.0.2.10");
    // Before anything fails: one uplink after the other, by priority.
    const auto first = wait_for([](const State&) { return true; });
    EXPECT_EQ(first.uplinks, (std::vector<UplinkState>{{model::UplinkName("plant"), true, true},
                                                       {model::UplinkName("mobile"), true, false}}));
    ASSERT_EQ(world->run("ip addr del 192.0.2.1/24 dev far2"), 0);
    wait_for([](const State& state) { return state.uplinks.size() == 2 && state.uplinks[1].used; });
    EXPECT_EQ(fetch(), "198.51.100.10");
    ASSERT_EQ(world->run("ip addr add 192.0.2.1/24 dev far2"), 0);
    wait_for([](const State& state) { return state.uplinks.size() == 2 && state.uplinks[0].used; });
    EXPECT_EQ(fetch(), "192.0.2.10");
}

}  // namespace
}  // namespace bulkhead::vnet::router::test
