// The switch without its daemon, with another one, and with someone else at it.
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "base/file.hpp"
#include "tests/vnet/lab.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

using Lifetime = Furnished;

TEST_F(Lab, killing_the_daemon_opens_nothing_and_stops_nothing) {
    driver.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        driver = open();
        furnish();
        ::raise(HasFailure() ? SIGABRT : SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    Guest robot_guest(robot.name);
    Guest admin_guest(admin.name);
    Guest press_guest(press.name);
    const Bytes good = opening(robot, admin, 40000, 8883);
    robot_guest.send(good);
    robot_guest.send(opening(robot, press, 40000, 8883));
    robot_guest.send(opening(robot, admin, 40000, 22));
    Bytes forged = good;
    put32(forged, offset::source_address, press.address.bits);
    robot_guest.send(forged);
    EXPECT_EQ(admin_guest.receive(), good);
    EXPECT_FALSE(admin_guest.receive());
    EXPECT_FALSE(press_guest.receive());

    driver = open();
    const auto observed = observe();
    for (const model::Port& each : {robot, press, admin}) {
        EXPECT_EQ(observed.ports.at(each.name).port, each);
        EXPECT_TRUE(observed.ports.at(each.name).guarded);
    }
    EXPECT_EQ(observed.rules, (std::set<model::Rule>{readings, pings, logs}));
    EXPECT_EQ(dropped(robot), 3U) << "counters live on too";
}

TEST_F(Lifetime, a_second_daemon_adopts_ports_and_rules_and_disturbs_nobody) {
    const auto links = Links::open()->all().value();
    driver = open();
    for (const model::Port& each : {robot, press, admin}) execute(model::CreatePort{each});
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    EXPECT_EQ(Links::open()->all().value(), links);
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
    expect_drops(*robot_guest, robot, opening(robot, admin, 40000, 8883), "service");
}

TEST_F(Lifetime, programs_of_another_build_are_replaced_on_every_tap) {
    driver.reset();
    // Seen from this build, the pinned programs are now others.
    std::filesystem::rename(pins() / "ingress", pins() / "other");
    std::filesystem::rename(pins() / "egress", pins() / "ingress");
    std::filesystem::rename(pins() / "other", pins() / "egress");
    for (int start = 0; start < 2; ++start) {
        driver = open();
        for (const auto& [name, seen] : observe().ports) EXPECT_TRUE(seen.guarded) << name.str();
        expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
        expect_drops(*robot_guest, robot, opening(robot, press, 40000, 8883), "no_conduit");
    }
}

TEST_F(Lifetime, the_switch_of_a_newer_version_is_refused_and_left_alone) {
    driver.reset();
    for (const char* name : {"format-9999", "format-", "format-3x", "other"}) {
        std::filesystem::create_directory(layout.bpf / name);
        const auto opened = SwitchDriver::open(layout);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().code, Code::conflict);
        EXPECT_FALSE(opened.error().mend.empty());
        std::filesystem::remove(layout.bpf / name);
    }
    driver = open();
    EXPECT_EQ(observe().ports.size(), 3U);
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
}

// Its maps can't be read, so that all is made anew, as a plan does after tampering.
TEST_F(Lifetime, the_switch_of_an_older_version_is_closed_and_then_replaced) {
    driver.reset();
    const auto older = layout.bpf / "format-1";
    std::filesystem::rename(pins(), older);
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
    driver = open();
    EXPECT_FALSE(std::filesystem::exists(older));
    robot_guest->send(opening(robot, admin, 40000, 8883));
    EXPECT_FALSE(admin_guest->receive()) << "a connection that it knew";
    for (const model::Port& each : {robot, press, admin}) {
        EXPECT_EQ(open_maps()->guards(::if_nametoindex(each.name.str().c_str())).value(), Held::alone);
        EXPECT_FALSE(observe().ports.at(each.name).guarded) << "closed, and to be made anew";
    }
    EXPECT_TRUE(driver->take_findings().empty()) << "nobody tampered";
    for (const model::Port& each : {robot, press, admin}) execute(model::CreatePort{each});
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    for (const model::Port& each : {robot, press, admin})
        EXPECT_TRUE(observe().ports.at(each.name).guarded) << "and by nobody else's programs";
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40001, 8883));
    expect_drops(*robot_guest, robot, opening(robot, press, 40000, 8883), "no_conduit");
    driver = open();
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40002, 8883));
}

TEST_F(Lifetime, whoever_died_while_replacing_an_older_version_leaves_it_to_the_next) {
    driver.reset();
    std::filesystem::create_directory(layout.bpf / "format-1");
    std::filesystem::create_directory(layout.bpf / "format-1" / "links");
    driver = open();
    EXPECT_FALSE(std::filesystem::exists(layout.bpf / "format-1"));
    for (const auto& [name, seen] : observe().ports) EXPECT_TRUE(seen.guarded) << name.str();
    expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40000, 8883));
}

class Tampering : public Lifetime {
  protected:
    void expect_mended() {
        EXPECT_FALSE(observe().ports.at(robot.name).guarded);
        execute(model::CreatePort{robot});
        EXPECT_TRUE(observe().ports.at(robot.name).guarded);
        expect_passes(*robot_guest, *admin_guest, opening(robot, admin, 40001, 8883));
    }
    const std::string tap = robot.name.str();
};

TEST_F(Tampering, a_tap_in_someones_bridge_is_seen) {
    run("ip link add vnet-br type bridge && ip link set " + tap + " master vnet-br");
    expect_mended();
    run("ip link del vnet-br");
}

TEST_F(Tampering, a_tap_set_down_is_seen) {
    run("ip link set " + tap + " down");
    expect_mended();
}

TEST_F(Tampering, a_tap_that_listens_to_the_host_is_seen) {
    run("echo 1 > /proc/sys/net/ipv4/conf/" + tap + "/forwarding");
    expect_mended();
}

// The second line of defence; a routed host would otherwise take the packet for its own.
TEST_F(Tampering, a_tap_without_its_programs_does_not_even_reach_the_host) {
    run("ip link add vnet-up type veth peer name vnet-peer && ip addr add 192.0.2.1/24 dev vnet-up && "
        "ip link set vnet-up up && ip link set vnet-peer up && ip route add default via 192.0.2.254");
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ASSERT_TRUE(socket);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = ::htons(9999);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    model::Port host = admin;
    host.address = *model::parse_ipv4("192.0.2.1");
    host.mac = *model::parse_mac(read_file("/sys/class/net/" + tap + "/address", 4096)->substr(0, 17));
    const auto host_hears = [&] {
        robot_guest->send(udp(robot, host, 5000, 9999));
        char byte = 0;
        return ::recv(socket.get(), &byte, 1, 0) > 0;
    };
    EXPECT_FALSE(host_hears());
    const auto opened = open_maps();
    ASSERT_TRUE(opened && opened->release(::if_nametoindex(tap.c_str())));
    EXPECT_FALSE(host_hears());
    run("echo 0 > /proc/sys/net/ipv4/conf/" + tap + "/rp_filter");
    EXPECT_TRUE(host_hears()) << "without that setting it would: the test sees what it is about";
    run("ip link del vnet-up");
    expect_mended();
}

TEST_F(Lab, three_capabilities_are_enough_once_a_bpffs_is_mounted) {
    driver.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const std::uint64_t wanted = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        const __user_cap_data_struct low{static_cast<std::uint32_t>(wanted),
                                         static_cast<std::uint32_t>(wanted), 0};
        const __user_cap_data_struct high{static_cast<std::uint32_t>(wanted >> 32),
                                          static_cast<std::uint32_t>(wanted >> 32), 0};
        const __user_cap_data_struct both[2]{low, high};  // NOLINT(modernize-avoid-c-arrays)
        if (::syscall(SYS_capset, &header, both) != 0) ::_exit(2);
        driver = open();
        if (driver) furnish();
        if (driver) execute(model::DeletePort{press.name, press.partition});
        ::_exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    driver = open();
    EXPECT_TRUE(observe().ports.at(robot.name).guarded);
}

TEST_F(Lab, thousands_of_rules_are_opened_seen_and_closed) {
    execute(model::CreatePort{robot});
    execute(model::CreatePort{admin});
    std::set<model::Rule> rules;
    for (unsigned number = 1; number <= 10'000; ++number)
        rules.insert(rule(robot, admin, model::Transport::tcp, number, "c" + std::to_string(number % 100)));
    execute(model::OpenConduit{model::ConduitName("all"), rules});
    EXPECT_EQ(observe().rules, rules);
    EXPECT_EQ(driver->traffic()->conduits.size(), 100U);
    execute(model::CloseConduit{model::ConduitName("all"), rules});
    EXPECT_TRUE(observe().rules.empty());
    EXPECT_TRUE(driver->traffic()->conduits.empty());
}

TEST_F(Lab, a_removed_tap_is_reported_as_not_whole_and_made_anew_with_its_rules) {
    furnish();
    run("ip link del " + robot.name.str());
    EXPECT_FALSE(observe().ports.at(robot.name).guarded);
    execute(model::CreatePort{robot});
    EXPECT_TRUE(observe().ports.at(robot.name).guarded);
    Guest robot_guest(robot.name);
    Guest admin_guest(admin.name);
    const Bytes frame = opening(robot, admin, 40000, 8883);
    robot_guest.send(frame);
    EXPECT_EQ(admin_guest.receive(), frame);
}

TEST_F(Lab, a_tap_whose_pins_are_gone_is_reported_and_can_be_deleted) {
    execute(model::CreatePort{robot});
    driver.reset();
    std::filesystem::remove_all(layout.bpf);
    driver = open();
    const auto observed = observe();
    ASSERT_TRUE(observed.ports.contains(robot.name));
    EXPECT_FALSE(observed.ports.at(robot.name).guarded);
    EXPECT_EQ(observed.ports.at(robot.name).port.partition, robot.partition);
    execute(model::DeletePort{robot.name, robot.partition});
    EXPECT_EQ(::if_nametoindex(robot.name.str().c_str()), 0U);
}

TEST_F(Lab, an_interface_of_someone_else_is_never_touched) {
    const std::string name = robot.name.str();
    run("ip tuntap add " + name + " mode tap && ip link set " + name + " alias theirs");
    EXPECT_FALSE(observe().ports.contains(robot.name));
    const auto created = driver->execute(model::CreatePort{robot});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, Code::conflict);
    execute(model::DeletePort{robot.name, robot.partition});
    ASSERT_TRUE(destroy_switch(layout));
    EXPECT_EQ(Links::open()->find(name).value()->alias, "theirs");
    run("ip link del " + name);
}

TEST_F(Lab, teardown_leaves_neither_taps_nor_pins) {
    const auto before = Links::open()->all().value();
    furnish();
    driver.reset();
    ASSERT_TRUE(destroy_switch(layout));
    EXPECT_EQ(Links::open()->all().value(), before);
    EXPECT_FALSE(std::filesystem::exists(layout.bpf));
    ASSERT_TRUE(destroy_switch(layout)) << "twice is fine";
}

TEST_F(Lab, a_conduit_to_a_port_that_is_not_there_is_refused) {
    execute(model::CreatePort{robot});
    const auto opened = driver->execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::not_found);
    execute(model::CloseConduit{model::ConduitName("readings"), {readings}});
}

TEST_F(Lab, the_host_has_no_address_and_answers_nothing_on_a_tap) {
    execute(model::CreatePort{robot});
    const auto folder = "/proc/sys/net/ipv4/conf/" + robot.name.str();
    EXPECT_EQ(read_file(folder + "/rp_filter", 8).value(), "1\n");
    EXPECT_EQ(read_file(folder + "/forwarding", 8).value(), "0\n");
    EXPECT_EQ(read_file(folder + "/arp_ignore", 8).value(), "8\n");
    run("test -z \"$(ip -o addr show dev " + robot.name.str() + ")\"");
}

TEST_F(Lab, as_many_ports_fit_as_there_are_slots_and_one_more_is_refused_by_number) {
    const auto opened = open_maps();
    ASSERT_TRUE(opened);
    State state;
    PortTable table(opened->maps(), state);
    for (unsigned i = 1; i < SWITCH_PORTS; ++i) {
        model::Port each = robot;
        each.name = model::PortName("vnet" + std::to_string(i));
        const auto recorded = table.record(each);
        ASSERT_TRUE(recorded) << recorded.error().text();
        ASSERT_NE(state.network.ports.at(each.name).slot, 0U);
    }
    const auto refused = table.record(robot);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().wanted.find(std::to_string(SWITCH_PORTS - 1)), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::vnet::test
