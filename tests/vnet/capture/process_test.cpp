// The helper over a switch that runs: what it records, when it ends, and what it may not do.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include <fstream>

#include "base/text.hpp"
#include "tests/vnet/capture/helper.hpp"
#include "tests/vnet/lab.hpp"
#include "vnet/capture/process/confinement.hpp"

namespace bulkhead::vnet::capture {
namespace {

using testing::HasSubstr;

class CaptureProcess : public test::Furnished {
  protected:
    Place all_of(const model::Port& port) const { return {.interface = port.name.str(), .all = true}; }
    static std::string text(const test::Bytes& frame) { return {frame.begin(), frame.end()}; }
};

TEST_F(CaptureProcess, records_what_passes_until_it_has_enough) {
    const Helper helper(order_of({all_of(robot)}, 2));
    EXPECT_THAT(helper.next().bytes, HasSubstr(robot.name.str()));  // its sockets are open
    const auto frame = test::opening(robot, admin, 40000, 8883);
    const auto refused = test::opening(robot, press, 40000, 22);
    robot_guest->send(frame);
    press_guest->send(test::opening(press, admin, 40000, 22));  // of another interface
    robot_guest->send(refused);
    const auto [file, last] = helper.rest();
    EXPECT_THAT(file, HasSubstr(text(frame)));
    EXPECT_THAT(file, HasSubstr(text(refused)));
    EXPECT_EQ(last, (Piece{Piece::Kind::ended, 2, 0, "2 packets"}));
}

TEST_F(CaptureProcess, records_what_was_ordered_of_each_interface_and_nothing_else) {
    // What goes to the admin; of what the robot sends nothing.
    const Rule anything{{}, {}, 6, 8883};
    const Helper helper(order_of({{.interface = admin.name.str(), .delivered = {anything}}}, 1));
    helper.next();
    const auto frame = test::opening(robot, admin, 40000, 8883);
    robot_guest->send(test::opening(robot, admin, 40000, 22));
    admin_guest->send(test::opening(admin, robot, 40000, 8883));
    robot_guest->send(frame);
    const auto [file, last] = helper.rest();
    EXPECT_EQ(last.packets, 1U);
    EXPECT_THAT(file, HasSubstr(text(frame)));
}

TEST_F(CaptureProcess, ends_when_nobody_listens_any_more) {
    Helper helper(order_of({all_of(robot)}, 1000));
    helper.next();
    helper.socket.reset();
    EXPECT_EQ(helper.exit_code(), 0);
}

TEST_F(CaptureProcess, ends_before_the_file_is_larger_than_was_asked_for) {
    const Helper helper(order_of({all_of(robot)}, 1000, 1024));
    std::string file = helper.next().bytes;
    for (int i = 0; i < 50; ++i) robot_guest->send(test::opening(robot, admin, 40000, 8883));
    const auto [more, last] = helper.rest();
    file += more;
    EXPECT_LE(file.size(), 1024U);
    EXPECT_GT(last.packets, 1U);
    EXPECT_EQ(last.kind, Piece::Kind::ended);
    EXPECT_EQ(last.bytes, "1KiB");
}

TEST_F(CaptureProcess, what_nobody_takes_is_lost_and_counted) {
    constexpr std::uint64_t sent = 60'000;
    const Helper helper(order_of({all_of(robot)}, sent));
    EXPECT_FALSE(helper.next().bytes.empty());
    auto frame = test::opening(robot, press, 40000, 22);  // goes no further
    for (std::uint64_t i = 0; i < sent; ++i) robot_guest->send(frame);
    // It has not ended: not all of them came. Once we read, the rest that waits comes, and what it lost is
    // known.
    Piece last;
    do last = helper.next();
    while (last.packets + last.lost < sent);
    EXPECT_GT(last.lost, 0U);
    EXPECT_GT(last.packets, 1000U);
    EXPECT_EQ(last.packets + last.lost, sent);
}

TEST_F(CaptureProcess, an_interface_that_is_deleted_ends_it_with_its_name) {
    ASSERT_EQ(std::system("ip link add bhgone type veth peer name bhgone-far"), 0);
    ASSERT_EQ(std::system("ip link set bhgone up"), 0);
    Helper helper(order_of({{.interface = "bhgone", .all = true}}, 1000));
    helper.next();
    ASSERT_EQ(std::system("ip link del bhgone"), 0);
    const auto [file, last] = helper.rest();
    EXPECT_EQ(last.kind, Piece::Kind::gone);
    EXPECT_EQ(last.bytes, "interface 'bhgone' was deleted meanwhile");
}

TEST_F(CaptureProcess, an_interface_that_is_not_there_is_told) {
    Helper helper(order_of({all_of(robot), {.interface = "bhnobody-0", .all = true}}, 1000));
    const auto piece = helper.next();
    EXPECT_EQ(piece.kind, Piece::Kind::gone);
    EXPECT_THAT(piece.bytes, HasSubstr("bhnobody-0"));
    EXPECT_EQ(helper.exit_code(), EXIT_FAILURE);
}

TEST_F(CaptureProcess, has_no_right_left_when_it_reads_frames) {
    const Helper helper(order_of({all_of(robot)}, 1000));
    helper.next();
    robot_guest->send(test::opening(robot, admin, 40000, 8883));
    EXPECT_EQ(helper.next().packets, 1U);  // it is in its loop
    std::ifstream status("/proc/" + std::to_string(helper.pid) + "/status");
    std::map<std::string, std::string> fields;
    for (std::string line; std::getline(status, line);)
        fields[line.substr(0, line.find(':'))] = std::string(trimmed(line.substr(line.find(':') + 1)));
    for (const auto* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"})
        EXPECT_EQ(fields[set], "0000000000000000") << set;
    EXPECT_EQ(fields["Seccomp"], "2");
    EXPECT_EQ(fields["NoNewPrivs"], "1");
}

// In a child: the place of the first thing that went wrong, or 0.
int try_what_is_forbidden(const std::string& interface) {
    // Above those that the helper may write to.
    const int frames = ::fcntl(::socket(AF_PACKET, SOCK_RAW, 0), F_DUPFD_CLOEXEC, 10);
    sockaddr_ll there{};
    there.sll_family = AF_PACKET;
    there.sll_protocol = htons(ETH_P_ALL);
    there.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    there.sll_halen = 6;
    const std::string frame(64, 'x');
    const auto* address = reinterpret_cast<const sockaddr*>(&there);
    if (::bind(frames, address, sizeof there) != 0) return 1;
    if (::sendto(frames, frame.data(), frame.size(), 0, address, sizeof there) < 0) return 2;
    if (!confine()) return 3;
    const auto is_refused = [](auto result) { return result < 0 && errno == EPERM; };
    if (!is_refused(::sendto(frames, frame.data(), frame.size(), 0, address, sizeof there))) return 4;
    if (!is_refused(::write(frames, frame.data(), frame.size()))) return 5;
    iovec part{const_cast<char*>(frame.data()), frame.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!is_refused(::sendmsg(frames, &message, 0))) return 6;
    if (!is_refused(::socket(AF_PACKET, SOCK_RAW, 0))) return 7;
    if (!is_refused(::open("/etc/passwd", O_RDONLY))) return 8;
    if (!is_refused(::fork())) return 9;
    return 0;
}

TEST_F(CaptureProcess, once_confined_can_put_no_frame_on_an_interface_and_open_nothing) {
    // Not a port: what the host sends into one the switch drops.
    ASSERT_EQ(std::system("ip link add bhtry type veth peer name bhtry-far"), 0);
    ASSERT_EQ(std::system("ip link set bhtry up"), 0);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(try_what_is_forbidden("bhtry"));
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace bulkhead::vnet::capture
