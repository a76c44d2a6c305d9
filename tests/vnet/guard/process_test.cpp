// The guard's process between a client and a server of libmodbus. What the switch does for it a kernel that
// routes does here: flows to tcp/502 go to the guard's leg, whoever they are addressed to, and so do answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "model/conduit_guard.hpp"
#include "tests/vnet/guard/machines.hpp"
#include "tests/vnet/router/pen.hpp"
#include "vnet/guard/state.hpp"
#include "vnet/space/kept_process.hpp"

namespace bulkhead::vnet::guard::test {
namespace {

using namespace std::chrono_literals;
using router::test::Pen;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* client_address = "10.20.1.10";
constexpr const char* server_address = "10.20.2.10";
constexpr const char* client_address6 = "fd20:1::10";
constexpr const char* server_address6 = "fd20:2::10";

void shell(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

class GuardProcess : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        ASSERT_EQ(::geteuid(), 0U) << "component tests run as root";
        ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0);
        ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        ASSERT_EQ(::mount("sysfs", "/sys", "sysfs", 0, nullptr), 0);
        shell(
            "ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
            "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
    }

    void SetUp() override {
        std::string made = "/tmp/guard-test-XXXXXX";
        folder = ::mkdtemp(made.data());
        order.tenant = model::TenantName("acme");
        order.leg = model::PortName("bhgleg");
        order.mac = *model::parse_mac("02:00:00:00:00:07");
        order.conduits.push_back({model::ConduitName("poll"), {}, {}, *model::parse_modbus_guard(rules)});
        auto& conduit = order.conduits.front();
        conduit.ways.insert({*model::parse_ipv4(client_address), *model::parse_ipv4(server_address), 502});
        conduit.ways6.insert({*model::parse_ipv6(client_address6), *model::parse_ipv6(server_address6), 502});
        connect(client_pen, "1");
        connect(server_pen, "2");
        server.emplace(server_pen.pid(), server_address);
        start_guard();
    }

    void TearDown() override {
        if (guard != 0) end_guard();
        server.reset();
        shell(
            "ip link del to1; ip link del to2; ip link del bhg 2>/dev/null; ip rule flush; "
            "ip rule add pref 32766 table main; ip -6 rule flush; ip -6 rule add pref 32766 table main");
        std::filesystem::remove_all(folder);
    }

    // A network 10.20.N.0/24 and fd20:N::/64 with one machine, ours as its gateway.
    static void connect(const Pen& pen, const std::string& number) {
        shell("ip link add to" + number + " type veth peer name eth0 netns " + std::to_string(pen.pid()) +
              " && ip link set to" + number + " up && ip addr add 10.20." + number + ".1/24 dev to" + number +
              " && ip addr add fd20:" + number + "::1/64 dev to" + number + " nodad");
        ASSERT_EQ(pen.run("ip addr add 10.20." + number + ".10/24 dev eth0 && ip addr add fd20:" + number +
                          "::10/64 dev eth0 nodad && ip link set eth0 up && ip route add default via 10.20." +
                          number + ".1 && ip -6 route add default via fd20:" + number + "::1"),
                  0);
    }

    void write_order() {
        ASSERT_TRUE(write_file_atomically(folder / "order.json", model::guard_text(order), 0600));
    }

    void start_guard() {
        write_order();
        // As the switch: the leg's own MAC address on what is for it, and no neighbour is asked for.
        shell(
            "ip link add bhg address 02:00:00:00:00:07 type veth peer name bhgleg && "
            "ip link set bhg arp off up");
        for (const std::string ip : {"ip -4 ", "ip -6 "}) {
            shell(ip + "route add default dev bhg table 200");
            shell(ip + "rule add pref 10 iif to1 ipproto tcp dport 502 table 200");
            shell(ip + "rule add pref 11 iif to2 ipproto tcp sport 502 table 200");
        }
        guard = ::fork();
        if (guard == 0) {
            const char* program = std::getenv("BULKHEAD_GUARD");
            ::execl(program, program, "--config", (folder / "order.json").c_str(), "--control",
                    control().c_str(), "--folder", (folder / "work").c_str(), nullptr);
            ::_exit(127);
        }
        wait_for([&](const State& state) { return state.config == config_id(model::guard_text(order)); });
    }

    void end_guard() {
        ::kill(guard, SIGTERM);
        int status = 0;
        EXPECT_EQ(::waitpid(guard, &status, 0), guard);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
        guard = 0;
    }

    std::filesystem::path control() const { return folder / "control"; }

    State wait_for(const std::function<bool(const State&)>& wanted) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (std::chrono::steady_clock::now() < deadline) {
            auto process = HelperConnection::open(control(), "guard");
            const auto payload = process ? process->state(2s) : std::unexpected(process.error());
            const auto state = payload ? decode_state(*payload) : std::unexpected(payload.error());
            if (state && wanted(*state)) {
                EXPECT_EQ(state->error, "");
                return *state;
            }
            ::usleep(10'000);
        }
        ADD_FAILURE() << "the guard never said so";
        return {};
    }

    model::GuardCounts counts() {
        return wait_for([](const State&) { return true; }).conduits[model::ConduitName("poll")];
    }

    void tell(const std::string& changed) {
        order.conduits.front().guard = *model::parse_modbus_guard(changed);
        write_order();
        auto process = HelperConnection::open(control(), "guard");
        ASSERT_TRUE(process);
        ASSERT_TRUE(process->ask(reload_request));
        wait_for([&](const State& state) { return state.config == config_id(model::guard_text(order)); });
    }

    const std::string rules = "unit 1 read holding-registers 0-49; unit 1 read write holding-registers 40-49";
    std::filesystem::path folder;
    model::TenantGuard order;
    Pen client_pen;
    Pen server_pen;
    std::optional<Server> server;
    pid_t guard = 0;
};

TEST_F(GuardProcess, lets_pass_what_a_rule_allows_and_is_seen_by_neither_end) {
    Client client(client_pen.pid(), server_address);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_EQ(client.write(1, 41, 1234), 1234);
    EXPECT_EQ(client.read(1, 41), 1234);
    EXPECT_THAT(server->clients(), ElementsAre(client_address));
    EXPECT_EQ(counts(), (model::GuardCounts{3, 0, 0, ""}));
}

TEST_F(GuardProcess, answers_the_rest_itself_and_the_server_never_sees_it) {
    Client client(client_pen.pid(), server_address);
    EXPECT_EQ(client.write(1, 7, 1), -2);
    EXPECT_EQ(client.read(1, 50), -2);
    EXPECT_EQ(client.read(2, 7), -10);
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_THAT(server->seen(), ElementsAre(3));
    EXPECT_EQ(server->held(7), 7);
    const auto now = counts();
    EXPECT_EQ(now.refused, 3U);
    EXPECT_EQ(now.last, "unit 2, function 3, read holding-registers 7: no rule is for this unit");
}

TEST_F(GuardProcess, speaks_ipv6) {
    const Server other(server_pen.pid(), server_address6);
    Client client(client_pen.pid(), server_address6);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_EQ(client.write(1, 7, 1), -2);
    EXPECT_THAT(other.clients(), ElementsAre(client_address6));
}

TEST_F(GuardProcess, judges_each_of_the_requests_that_come_together_or_in_pieces) {
    const Fd socket = connect_raw(client_pen.pid(), server_address);
    ASSERT_TRUE(socket);
    const Bytes reads{0, 1, 0, 0, 0, 6, 1, 3, 0, 7, 0, 1};
    const Bytes writes{0, 2, 0, 0, 0, 6, 1, 6, 0, 7, 0, 1};
    Bytes both = reads;
    both.insert(both.end(), writes.begin(), writes.end());
    both.insert(both.end(), reads.begin(), reads.end() - 5);
    send_raw(socket, both);
    EXPECT_EQ(receive_raw(socket, 11), (Bytes{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7}));
    EXPECT_EQ(receive_raw(socket, 9), (Bytes{0, 2, 0, 0, 0, 3, 1, 0x86, 2}));
    send_raw(socket, Bytes(reads.end() - 5, reads.end()));
    EXPECT_EQ(receive_raw(socket, 11), (Bytes{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7}));
    EXPECT_THAT(server->seen(), ElementsAre(3, 3));
}

TEST_F(GuardProcess, ends_a_connection_whose_frames_are_none) {
    for (const Bytes& lie :
         {Bytes{0, 1, 0, 0, 1, 6, 1, 3}, Bytes{0, 1, 0, 1, 0, 6, 1, 3}, Bytes{0, 1, 0, 0, 0, 1, 1}}) {
        const Fd socket = connect_raw(client_pen.pid(), server_address);
        ASSERT_TRUE(socket);
        send_raw(socket, lie);
        bool closed = false;
        EXPECT_TRUE(receive_raw(socket, 1, &closed).empty());
        EXPECT_TRUE(closed);
    }
    EXPECT_EQ(counts().broken, 3U);
    EXPECT_TRUE(server->seen().empty());
}

TEST_F(GuardProcess, ends_a_connection_over_which_a_request_drips) {
    const Fd socket = connect_raw(client_pen.pid(), server_address);
    ASSERT_TRUE(socket);
    send_raw(socket, {0, 1, 0, 0, 0});
    bool closed = false;
    receive_raw(socket, 1, &closed);  // waits as long as a request may take
    if (!closed) receive_raw(socket, 1, &closed);
    EXPECT_TRUE(closed);
    EXPECT_EQ(counts().last, "a request that never came whole");
}

TEST_F(GuardProcess, gives_one_client_so_many_connections_and_no_more) {
    std::vector<Fd> open;
    for (int i = 0; i < 16; ++i) {
        open.push_back(connect_raw(client_pen.pid(), server_address));
        ASSERT_TRUE(open.back()) << i;
    }
    bool closed = false;
    const Fd one_more = connect_raw(client_pen.pid(), server_address);
    if (one_more) receive_raw(one_more, 1, &closed);
    EXPECT_TRUE(!one_more || closed);
    EXPECT_EQ(counts().last, "more connections than may be open at a time");
}

TEST_F(GuardProcess, cuts_the_connections_of_a_conduit_whose_rules_change) {
    Client client(client_pen.pid(), server_address);
    EXPECT_EQ(client.read(1, 7), 7);
    tell(rules);  // nothing new
    EXPECT_EQ(client.read(1, 7), 7);
    tell("unit 1 read holding-registers 8");
    EXPECT_EQ(client.read(1, 7), -1000);
    Client again(client_pen.pid(), server_address);
    EXPECT_EQ(again.read(1, 7), -2);
    EXPECT_EQ(again.read(1, 8), 8);
}

TEST_F(GuardProcess, has_one_capability_left_and_a_filter_of_system_calls) {
    const auto status = read_file("/proc/" + std::to_string(guard) + "/status", 1 << 16);
    ASSERT_TRUE(status);
    EXPECT_THAT(*status, HasSubstr("CapEff:\t0000000000002000"));
    EXPECT_THAT(*status, HasSubstr("CapBnd:\t0000000000002000"));
    EXPECT_THAT(*status, HasSubstr("Seccomp:\t2"));
}

}  // namespace
}  // namespace bulkhead::vnet::guard::test
