// A router that is killed, a manager that is killed, and what is left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hpp"
#include "tests/vnet/router/site.hpp"

namespace bulkhead::vnet::router::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RouterCrash : public Site {
  protected:
    static Fd process_of(pid_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }
    static bool ends(const Fd& process) {
        pollfd ended{process.get(), POLLIN, 0};
        return ::poll(&ended, 1, 10'000) == 1;
    }
    void kill_router() {
        const pid_t pid = router_pid();
        const Fd process = process_of(pid);
        ASSERT_EQ(::kill(pid, SIGKILL), 0);
        ASSERT_TRUE(ends(process));
    }
    // The kernel takes a namespace apart some time after its last process: the switch's end of the pair goes
    // then.
    void wait_until_gone(const std::string& interface) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::filesystem::exists("/sys/class/net/" + interface)) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline) << interface << " outlives its router";
            ::sched_yield();
        }
    }
    const std::string port = model::router_port_name(model::ZoneName("acme-cell")).str();
};

TEST_F(RouterCrash, a_killed_router_is_seen_and_started_anew) {
    kill_router();
    wait_until_gone(port);
    EXPECT_THAT(look().routers.at(acme).error, HasSubstr("does not answer"));
    EXPECT_FALSE(look().ports.at(model::PortName(port)).guarded);
    converge();
    EXPECT_THAT(ask_for_address(*robot_pen), HasSubstr("lease 10.20.1.10/24"));
}

// However soon the manager comes: the former router's network may still stand, or go at any moment.
TEST_F(RouterCrash, a_router_that_is_killed_again_and_again_is_never_taken_for_tampering) {
    driver->other_ends_by([&](const model::Port& each) { return router_driver->is_there(each.tenant); });
    EXPECT_EQ(apply(), 0U);
    for (int round = 0; round < 8; ++round) {
        kill_router();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (bool is_well = false; !is_well;) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it is not mended";
            const auto taken = planned().try_apply(spec);
            if (!taken) {
                ASSERT_EQ(taken.error().code, Code::unavailable) << taken.error().text();
            }
            is_well = taken && *taken == 0;
            ASSERT_THAT(driver->take_findings(), IsEmpty()) << "round " << round;
        }
    }
    EXPECT_THAT(ask_for_address(*robot_pen), HasSubstr("lease 10.20.1.10/24"));
}

// One at whose door so many wait that it takes no more, not even one who would ask it to end.
TEST_F(RouterCrash, a_router_that_hangs_is_ended_before_another_begins) {
    const pid_t hung = router_pid();
    const Fd process = process_of(hung);
    ASSERT_EQ(::kill(hung, SIGSTOP), 0);
    std::vector<HelperConnection> waiting;
    auto one_more = HelperConnection::open(routers.router_control(acme), "router");
    for (; one_more; one_more = HelperConnection::open(routers.router_control(acme), "router"))
        waiting.push_back(std::move(*one_more));
    ASSERT_EQ(one_more.error().code, Code::timeout) << one_more.error().text();
    const auto refused = planned().try_apply(spec);
    EXPECT_TRUE(ends(process));
    if (!refused) {
        EXPECT_EQ(refused.error().code, Code::unavailable) << refused.error().text();
    }
    wait_until_gone(port);
    converge();
    EXPECT_NE(router_pid(), hung);
}

TEST_F(RouterCrash, a_router_outlives_the_manager_and_is_taken_over_as_it_is) {
    const pid_t before = router_pid();
    router_driver = std::make_unique<RouterDriver>(
        routers, [](const auto&) { return fail(Code::internal, "nothing is to be started"); },
        std::vector<model::Lack>{});
    EXPECT_EQ(apply(), 0U);
    EXPECT_EQ(router_pid(), before);
}

TEST_F(RouterCrash, a_change_reaches_the_router_that_runs) {
    const pid_t before = router_pid();
    spec.routers[0].names = {"example.org"};
    converge();
    EXPECT_EQ(router_pid(), before);
    spec.routers[0].uplinks.pop_back();
    converge();
    EXPECT_EQ(router_pid(), before);
    EXPECT_EQ(wait_for([](const State&) { return true; }).uplinks.size(), 1U);
}

// Killed after any of its effects, a manager finds on the next start what is to be done, and does it.
TEST_F(RouterCrash, a_manager_that_died_at_any_step_of_the_making_heals) {
    remove_all();
    // What is on disk first: the router's orders, and no process.
    auto observed = look();
    ASSERT_THAT(observed.routers, IsEmpty());
    apply();
    const auto orders = read_file(routers.router_config(acme), 1 << 20).value();
    remove_all();
    ASSERT_TRUE(make_folder(routers.routers(), 0711));
    ASSERT_TRUE(write_file_atomically(routers.router_config(acme), orders, 0600));
    EXPECT_THAT(look().routers.at(acme).error, HasSubstr("does not answer"));
    converge();
    // Orders that the process has not heard of yet.
    auto changed = look().routers.at(acme).router;
    changed.names.emplace_back("example.org");
    ASSERT_TRUE(write_file_atomically(routers.router_config(acme), model::router_text(changed), 0600));
    EXPECT_EQ(look().routers.at(acme).error, "it was told something else");
    converge();
    // Half of the removal: the process has ended, the orders stand.
    kill_router();
    remove_all();
    converge();
    robot_pen.emplace(port_of("robot-cell"));
    EXPECT_THAT(ask_for_address(*robot_pen), HasSubstr("lease 10.20.1.10/24"));
}

TEST_F(RouterCrash, leaves_nothing_behind) {
    const pid_t pid = router_pid();
    const Fd router = process_of(pid);
    Fd name_server;
    for (const auto& each : std::filesystem::directory_iterator("/proc")) {
        const auto status = read_file(each.path() / "status", 1 << 16).value_or("");
        if (status.find("PPid:\t" + std::to_string(pid) + "\n") != std::string::npos)
            name_server = process_of(std::stoi(each.path().filename().string()));
    }
    ASSERT_TRUE(name_server) << "there is no dnsmasq";
    remove_all();
    EXPECT_TRUE(ends(router));
    EXPECT_TRUE(ends(name_server));
    wait_until_gone(port);
    EXPECT_FALSE(std::filesystem::exists("/sys/class/net/" +
                                         model::router_leg_name(model::ZoneName("acme-cell")).str()));
    EXPECT_TRUE(std::filesystem::is_empty(routers.routers()));
    // The cards are the host's again.
    const auto alias = read_file("/sys/class/net/enp2s0/ifalias", 4096).value_or("?");
    EXPECT_TRUE(alias.empty() || alias == "\n") << alias;
}

TEST_F(RouterCrash, refuses_a_card_that_the_host_uses) {
    remove_all();
    ASSERT_EQ(std::system("ip addr add 192.0.2.99/24 dev enp2s0"), 0);
    model::TenantRouter router;
    router.tenant = acme;
    model::RouterUplink uplink;
    uplink.name = model::UplinkName("plant");
    uplink.card = "enp2s0";
    router.uplinks = {uplink};
    const auto refused = router_driver->execute(model::CreateRouter{router});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("the host has the address 192.0.2.99/24 on it"));
    ASSERT_EQ(std::system("ip addr flush dev enp2s0"), 0);
}

}  // namespace
}  // namespace bulkhead::vnet::router::test
