#include "guest-agent/routes.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace bulkhead::agent {
namespace {

class Routes : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        ASSERT_EQ(::unshare(CLONE_NEWNET), 0) << "component tests run as root";
        ASSERT_EQ(std::system(
                      "ip link add lan0 type veth peer name far0 && ip address add 10.20.1.10/24 dev lan0 && "
                      "ip link set lan0 up && ip link set far0 up"),
                  0);
    }
    static std::string table() {
        std::string text;
        std::array<char, 256> line{};
        FILE* const pipe = ::popen("ip -4 route show via 10.20.1.1", "r");
        while (std::fgets(line.data(), line.size(), pipe) != nullptr) text += line.data();
        ::pclose(pipe);
        return text;
    }
    v1::Interface wanted;
};

TEST_F(Routes, lead_over_the_router_to_what_is_wanted_and_to_nothing_else) {
    wanted.set_gateway("10.20.1.1");
    wanted.add_routes("203.0.113.0/24");
    wanted.add_routes("0.0.0.0/0");
    ASSERT_TRUE(set_up_routes("lan0", wanted));
    ASSERT_TRUE(set_up_routes("lan0", wanted)) << "a second time";
    EXPECT_EQ(table(), "default dev lan0 \n203.0.113.0/24 dev lan0 \n");
    wanted.clear_routes();
    wanted.add_routes("198.51.100.0/24");
    ASSERT_TRUE(set_up_routes("lan0", wanted));
    EXPECT_EQ(table(), "198.51.100.0/24 dev lan0 \n");
    ASSERT_TRUE(set_up_routes("lan0", {}));
    EXPECT_EQ(table(), "");
}

TEST_F(Routes, are_none_without_a_prefix_or_a_router) {
    wanted.add_routes("203.0.113.0/24");
    EXPECT_FALSE(set_up_routes("lan0", wanted));
    wanted.set_gateway("10.20.1.1");
    wanted.add_routes("203.0.113.0");
    EXPECT_FALSE(set_up_routes("lan0", wanted));
}

TEST(NameServers, are_the_routers_that_answer_names) {
    v1::Configure wanted;
    EXPECT_EQ(name_servers(wanted), "");
    wanted.add_interfaces()->set_address("10.20.2.10/24");
    wanted.add_interfaces()->set_name_server("10.20.1.1");
    EXPECT_EQ(name_servers(wanted), "nameserver 10.20.1.1\n");
}

}  // namespace
}  // namespace bulkhead::agent
