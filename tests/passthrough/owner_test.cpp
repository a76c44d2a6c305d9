// The owner process, for real: a pseudo-terminal as the device, a socket as the guest.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>

#include "base/file.hpp"
#include "examples/simulators/pty.hpp"
#include "passthrough/owner_connection.hpp"
#include "tests/passthrough/line.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using simulators::Pty;

class Owner : public testing::Test {
  protected:
    void serve(std::uint64_t token = 1) {
        owner_ = line_.start_owner(token);
        ASSERT_NE(owner_->line_with("\"serving\""), "");
    }
    void connect() {
        guest_ = connect_guest(line_.socket());
        ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.connected; }));
    }

    Line line_;
    std::unique_ptr<Child> owner_;
    Fd guest_;
};

// Writes what goes in without waiting; pauses between rounds for the owner to move what it will.
std::size_t write_until_held_back(int fd) {
    const std::string block(65536, 'x');
    std::size_t total = 0;
    for (int quiet = 0; quiet < 20 && total < 64U << 20;) {
        const ssize_t put = ::write(fd, block.data(), block.size());
        quiet = put > 0 ? 0 : quiet + 1;
        if (put > 0) total += static_cast<std::size_t>(put);
        if (put <= 0) ::usleep(10'000);
    }
    return total;
}

TEST_F(Owner, bytes_pass_both_ways_unchanged) {
    const auto device = Pty::open(line_.device());
    ASSERT_TRUE(device);
    serve();
    connect();
    std::string every_byte;
    for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
    send_all(guest_.get(), every_byte);
    EXPECT_EQ(receive(device->fd(), 256), every_byte);
    send_all(device->fd(), every_byte);
    EXPECT_EQ(receive(guest_.get(), 256), every_byte);
    const auto state = OwnerConnection::open(line_.control())->state(10s);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->to_device_bytes, 256U);
    EXPECT_EQ(state->to_guest_bytes, 256U);
    EXPECT_EQ(state->pid, owner_->pid());
    EXPECT_TRUE(state->present);
}

TEST_F(Owner, a_second_client_is_refused_and_the_first_goes_on) {
    const auto device = Pty::open(line_.device());
    serve();
    connect();
    const Fd second = connect_guest(line_.socket());
    EXPECT_TRUE(hangs_up(second.get()));
    send_all(guest_.get(), "still here");
    EXPECT_EQ(receive(device->fd(), 10), "still here");
}

TEST_F(Owner, a_guest_that_starts_again_takes_the_place_of_its_last_run) {
    const auto device = Pty::open(line_.device());
    serve();
    connect();
    guest_.reset();
    guest_ = connect_guest(line_.socket());  // at once: the owner may hear of both together
    send_all(guest_.get(), "again");
    EXPECT_EQ(receive(device->fd(), 5), "again");
}

TEST_F(Owner, only_the_user_of_the_virtual_machine_may_reach_its_socket) {
    serve();
    struct stat socket{};
    struct stat control{};
    ASSERT_EQ(::stat(line_.socket().c_str(), &socket), 0);
    ASSERT_EQ(::stat(line_.control().c_str(), &control), 0);
    EXPECT_EQ(socket.st_mode & 0777U, 0600U);
    EXPECT_EQ(control.st_mode & 0777U, 0600U);
    EXPECT_EQ(control.st_uid, 0U);
    const passwd* const user = ::getpwnam("libvirt-qemu");
    EXPECT_EQ(socket.st_uid, user == nullptr ? 0U : user->pw_uid);
}

TEST_F(Owner, a_guest_that_floods_a_slow_device_is_held_back_and_loses_nothing) {
    const auto device = Pty::open(line_.device());
    serve();
    connect();
    const long before = anonymous_kib(owner_->pid());
    const std::size_t sent = write_until_held_back(guest_.get());
    EXPECT_LT(sent, 2U << 20);
    EXPECT_LT(anonymous_kib(owner_->pid()) - before, 128);
    EXPECT_EQ(receive(device->fd(), sent).size(), sent);
}

TEST_F(Owner, a_device_that_floods_a_guest_that_does_not_read_is_held_back) {
    const auto device = Pty::open(line_.device());
    serve();
    connect();
    const long before = anonymous_kib(owner_->pid());
    const std::size_t sent = write_until_held_back(device->fd());
    EXPECT_LT(sent, 2U << 20);
    EXPECT_LT(anonymous_kib(owner_->pid()) - before, 128);
    EXPECT_EQ(receive(guest_.get(), sent).size(), sent);
}

TEST_F(Owner, a_guest_that_floods_an_absent_device_goes_at_the_speed_of_the_line) {
    serve();
    connect();
    // 960 bytes a second, one buffer at a time, and what the socket itself holds.
    EXPECT_LT(write_until_held_back(guest_.get()), 2U << 20);
}

TEST_F(Owner, a_device_that_comes_back_gets_no_bytes_of_the_past) {
    serve();
    connect();
    for (int i = 0; i < 100; ++i) send_all(guest_.get(), "stale command");
    const auto device = Pty::open(line_.device());
    ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.present; }));
    send_all(guest_.get(), "fresh");
    EXPECT_EQ(receive(device->fd(), 5), "fresh");
}

TEST_F(Owner, a_device_that_restarts_behind_its_link_is_opened_again_and_the_guest_stays) {
    auto device = std::make_unique<Result<Pty>>(Pty::open(line_.device()));
    serve();
    connect();
    device.reset();
    const auto gone = state_when(line_.control(), [](const auto& state) { return !state.present; });
    ASSERT_TRUE(gone);
    EXPECT_NE(gone->error, "");
    EXPECT_TRUE(gone->connected);
    device = std::make_unique<Result<Pty>>(Pty::open(line_.device()));
    const auto back = state_when(line_.control(), [](const auto& state) { return state.present; });
    ASSERT_TRUE(back);
    EXPECT_EQ(back->error, "");
    EXPECT_TRUE(back->connected);
    send_all((*device)->fd(), "hello");
    EXPECT_EQ(receive(guest_.get(), 5), "hello");
}

TEST_F(Owner, a_device_whose_folder_is_not_there_yet_is_found_later) {
    std::filesystem::remove(line_.folder / "dev");
    serve();
    const auto device = Pty::open(line_.device());
    EXPECT_TRUE(state_when(line_.control(), [](const auto& state) { return state.present; }));
}

TEST_F(Owner, a_link_to_what_is_no_serial_port_is_refused_by_name) {
    std::filesystem::create_symlink("/dev/null", line_.device());
    serve();
    const auto state = state_when(line_.control(), [](const auto&) { return true; });
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->present);
    EXPECT_NE(state->error.find("is not a serial port"), std::string::npos) << state->error;
}

// A pseudo-terminal's driver is one of those that can't.
TEST_F(Owner, a_driver_that_can_not_turn_the_line_around_is_named_and_nothing_is_sent) {
    const auto device = Pty::open(line_.device());
    owner_ = line_.start_owner(1, "9600 8N1; rs485 rts on send, 2 ms before, 1 ms after");
    ASSERT_NE(owner_->line_with("\"serving\""), "");
    const auto state = state_when(line_.control(), [](const auto&) { return true; });
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->present);
    EXPECT_NE(state->error.find("the port's driver can't turn an RS-485 line around (TIOCSRS485)"),
              std::string::npos)
        << state->error;
    EXPECT_EQ(to_string(state->assignment.line), "9600 8N1; rs485 rts on send, 2 ms before, 1 ms after");
}

// What a guest sets of its UART ends there: there is no byte that it could send to change the line.
TEST_F(Owner, the_settings_of_the_line_are_the_specs_whatever_a_guest_says) {
    const auto device = Pty::open(line_.device());
    serve();
    connect();
    termios before{};
    termios after{};
    ASSERT_EQ(::tcgetattr(device->fd(), &before), 0);
    EXPECT_EQ(::cfgetospeed(&before), speed_t{B9600});
    std::string every_byte;
    for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
    every_byte += "\r\nATZ\rstty 115200\n\xff\xfd\x2c";  // Telnet's COM-PORT-OPTION (RFC 2217) too
    send_all(guest_.get(), every_byte);
    ASSERT_EQ(receive(device->fd(), every_byte.size()), every_byte) << "all of it is data";
    ASSERT_EQ(::tcgetattr(device->fd(), &after), 0);
    EXPECT_EQ(::cfgetospeed(&after), ::cfgetospeed(&before));
    EXPECT_EQ(after.c_cflag, before.c_cflag);
    EXPECT_EQ(after.c_iflag, before.c_iflag);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
}

TEST_F(Owner, garbage_on_the_control_socket_costs_nothing_and_stops_nothing) {
    serve();
    const long before = anonymous_kib(owner_->pid());
    const Fd client = connect_guest(line_.control());
    send_all(client.get(), std::string(1 << 20, 'B'));
    send_all(client.get(), std::string("BHF1") + std::string(12, '\xFF') + std::string(1 << 20, '\0'));
    ASSERT_TRUE(OwnerConnection::open(line_.control())->state(10s));
    EXPECT_LT(anonymous_kib(owner_->pid()) - before, 256);
}

TEST_F(Owner, holds_no_right_that_serving_does_not_need) {
    serve();
    std::ifstream status("/proc/" + std::to_string(owner_->pid()) + "/status");
    std::map<std::string, std::string> values;
    for (std::string key, value; status >> key && std::getline(status >> std::ws, value);)
        values[key] = value;
    EXPECT_EQ(values["CapPrm:"], "0000000000000000");
    EXPECT_EQ(values["CapEff:"], "0000000000000000");
    EXPECT_EQ(values["NoNewPrivs:"], "1");
    EXPECT_EQ(values["Seccomp:"], "2");
}

TEST_F(Owner, ends_when_asked) {
    serve();
    ASSERT_TRUE(OwnerConnection::open(line_.control())->end(5s));
    EXPECT_EQ(owner_->wait(), 0);
}

TEST_F(Owner, an_older_token_is_refused_even_after_the_newer_owner_was_killed) {
    serve(7);
    EXPECT_EQ(line_.start_owner(6)->wait(), 1);
    owner_->signal(SIGKILL);
    owner_->wait();
    const auto late = line_.start_owner(6);
    EXPECT_NE(late->line_with("token 6 is older than 7"), "");
    EXPECT_EQ(late->wait(), 1);
}

TEST_F(Owner, the_same_token_is_served_once) {
    serve(7);
    const auto twin = line_.start_owner(7);
    EXPECT_NE(twin->line_with("token 7 is being served already"), "");
    EXPECT_EQ(twin->wait(), 1);
    owner_->signal(SIGKILL);
    owner_->wait();
    serve(7);
}

TEST_F(Owner, a_newer_token_takes_over_when_the_older_owner_has_ended) {
    const auto device = Pty::open(line_.device());
    serve(7);
    const auto newer = line_.start_owner(8);
    owner_->signal(SIGTERM);
    ASSERT_NE(newer->line_with("\"serving\""), "");
    const auto state = state_when(line_.control(), [](const auto& seen) { return seen.present; });
    ASSERT_TRUE(state);
    EXPECT_EQ(state->assignment.token, 8U);
}

TEST_F(Owner, a_stale_link_that_leads_to_a_strangers_terminal_is_not_followed) {
    std::string number;
    {
        const auto first = Pty::open(line_.folder / "first");
        number = first->name();
    }
    std::filesystem::create_symlink(number, line_.device());
    // Kernel time stamps are as coarse as its tick.
    ::usleep(50'000);
    const auto stranger = Pty::open(line_.folder / "stranger");
    if (stranger->name() != number) GTEST_SKIP() << "another program took the number meanwhile";
    serve();
    const auto state = state_when(line_.control(), [](const auto&) { return true; });
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->present);
    EXPECT_NE(state->error.find("older than the terminal"), std::string::npos) << state->error;
}

}  // namespace
}  // namespace bulkhead::passthrough
