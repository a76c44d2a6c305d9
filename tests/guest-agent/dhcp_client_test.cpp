// The agent's questions for an address, with real udhcpc and dnsmasq.
#include "guest-agent/dhcp_client.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "guest-agent/network.hpp"
#include "guest-agent/network6.hpp"

namespace bulkhead::agent {
namespace {

using namespace std::chrono_literals;

constexpr const char* mac = "02:00:00:00:00:0a";

std::string output_of(const char* command) {
    std::string text;
    std::array<char, 256> line{};
    FILE* const pipe = ::popen(command, "r");
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) text += line.data();
    ::pclose(pipe);
    return text;
}

class Dhcp : public ::testing::Test {
  protected:
    void SetUp() override {
        // /sys shows the interfaces of the namespace that it was mounted in.
        ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0) << "component tests run as root";
        ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        ASSERT_EQ(::mount("sysfs", "/sys", "sysfs", 0, nullptr), 0);
        ASSERT_EQ(
            std::system("ip link set lo up && ip link add lan0 address 02:00:00:00:00:0a type veth peer "
                        "name far0 && ip address add 10.20.1.1/24 dev far0 && ip link set far0 up"),
            0);
        wanted.set_mac(mac);
        wanted.set_address("10.20.1.10/24");
        wanted.set_dhcp(true);
        wanted.set_gateway("10.20.1.254");  // no address of this namespace: no way leads over those
        wanted.add_routes("203.0.113.0/24");
    }
    void TearDown() override {
        if (server == 0) return;
        ::kill(server, SIGKILL);
        ::waitpid(server, nullptr, 0);
    }
    std::string set_up() const {
        const auto done = set_up_interface(wanted);
        return done ? std::string() : done.error().text();
    }
    void serve(const char* lease) {
        server = ::fork();
        if (server != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const std::string host = std::string("--dhcp-host=") + mac + "," + lease;
        ::execl("/usr/sbin/dnsmasq", "dnsmasq", "-k", "--conf-file=/dev/null", "--port=0", "--interface=far0",
                "--bind-dynamic", "--user=root", "--no-ping", "--dhcp-leasefile=/dev/null", "--leasefile-ro",
                "--dhcp-range=10.20.1.0,static,255.255.255.0", host.c_str(), nullptr);
        ::_exit(127);
    }
    // Asks until the interface has what is wanted, or `rounds` have passed.
    void ask(int rounds) {
        auto loop = Loop::open().value();
        DhcpClient client(*loop, {.lease = LEASE}, "lan0", [&] {
            if (--rounds == 0 || has_address(wanted).value()) return loop->stop();
            ASSERT_TRUE(client_->ask());
        });
        client_ = &client;
        ASSERT_TRUE(client.ask());
        ASSERT_TRUE(client.ask()) << "while one is on its way";
        ASSERT_TRUE(loop->run());
    }
    v1::Interface wanted;
    pid_t server = 0;
    DhcpClient* client_ = nullptr;
};

TEST_F(Dhcp, gets_the_address_and_then_the_ways_beyond) {
    EXPECT_EQ(set_up(), "");
    EXPECT_EQ(output_of("ip -4 addr show dev lan0"), "");
    EXPECT_EQ(output_of("ip -4 route show via 10.20.1.254"), "")
        << "there is no way before there is an address";
    serve("10.20.1.10");
    ask(10);
    ASSERT_TRUE(has_address(wanted).value());
    EXPECT_EQ(set_up(), "");
    EXPECT_EQ(output_of("ip -4 route show via 10.20.1.254"), "203.0.113.0/24 dev lan0 \n");
}

TEST_F(Dhcp, says_that_nobody_answers) {
    EXPECT_EQ(set_up(), "");
    ask(1);
    EXPECT_FALSE(has_address(wanted).value());
}

TEST_F(Dhcp, does_not_take_another_address_for_the_wanted_one) {
    EXPECT_EQ(set_up(), "");
    serve("10.20.1.99");
    ask(2);
    EXPECT_FALSE(has_address(wanted).value());
}

TEST_F(Dhcp, tells_that_it_can_not_ask) {
    auto loop = Loop::open().value();
    DhcpClient client(*loop, {.busybox = "/nowhere/busybox"}, "lan0", [] {});
    const auto asked = client.ask();
    ASSERT_FALSE(asked);
    EXPECT_NE(asked.error().text().find("/nowhere/busybox"), std::string::npos);
}

TEST_F(Dhcp, routes_of_ipv6_lead_over_the_router_and_go_again) {
    wanted.set_dhcp(false);
    wanted.set_address6("fd20:1::10/64");
    wanted.set_gateway6("fd20:1::1");
    wanted.add_outside6("2001:db8:7::/48");
    wanted.add_routes6("fd20:9::2");
    EXPECT_EQ(set_up(), "");
    EXPECT_EQ(set_up(), "") << "a second time";
    EXPECT_EQ(output_of("ip -6 route show via fd20:1::1 dev lan0"),
              "2001:db8:7::/48 metric 66 pref medium\n");
    EXPECT_NE(output_of("ip -6 route show fd20:9::2 dev lan0").find("fd20:9::2 metric 66"),
              std::string::npos);
    wanted.clear_outside6();
    EXPECT_EQ(set_up(), "");
    EXPECT_EQ(output_of("ip -6 route show via fd20:1::1 dev lan0"), "");
}

}  // namespace
}  // namespace bulkhead::agent
