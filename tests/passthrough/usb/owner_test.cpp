// The process that owns a port, for real, and a guest's end of usbredir. What a device does is seen where
// there is one: the scenarios of the lab.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <map>

#include "passthrough/owner_connection.hpp"
#include "tests/passthrough/usb/owned_port.hpp"
#include "tests/passthrough/usb/peer.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

class UsbOwner : public testing::Test {
  protected:
    void serve(std::uint64_t token = 1) {
        owner_ = start_usb_owner(port_, token);
        ASSERT_NE(owner_->line_with("\"serving\""), "");
    }
    bool is_connected(bool wanted) const {
        return state_when(port_.control(), [&](const auto& state) { return state.connected == wanted; })
            .has_value();
    }

    Line port_;
    std::unique_ptr<Child> owner_;
};

TEST_F(UsbOwner, says_that_nothing_is_plugged_in_and_serves_nevertheless) {
    serve();
    const auto state = OwnerConnection::open(port_.control())->state(10s);
    ASSERT_TRUE(state) << state.error().text();
    EXPECT_FALSE(state->present);
    EXPECT_EQ(state->error, "nothing is plugged in at 255-1");
    EXPECT_EQ(state->found, "");
    EXPECT_EQ(state->assignment.kind, model::DeviceKind::usb);
    EXPECT_EQ(state->assignment.at, "255-1");
    EXPECT_EQ(state->pid, owner_->pid());
}

TEST_F(UsbOwner, greets_a_guest_and_announces_nothing_while_nothing_is_there) {
    serve();
    Peer guest(connect_guest(port_.socket()));
    ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; }));
    EXPECT_TRUE(guest.version.starts_with("bulkhead-usb ")) << guest.version;
    EXPECT_TRUE(is_connected(true));
    EXPECT_EQ(guest.connected, 0U);
}

TEST_F(UsbOwner, a_guest_that_starts_again_takes_the_place_of_its_last_run) {
    serve();
    for (int run = 0; run < 3; ++run) {
        Peer guest(connect_guest(port_.socket()));
        ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; })) << run;
    }
    EXPECT_TRUE(is_connected(false));
}

TEST_F(UsbOwner, a_second_client_is_refused_and_the_first_stays) {
    serve();
    Peer guest(connect_guest(port_.socket()));
    ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; }));
    const Fd second = connect_guest(port_.socket());
    EXPECT_TRUE(hangs_up(second.get()));
    EXPECT_TRUE(is_connected(true));
}

TEST_F(UsbOwner, a_guest_that_speaks_something_else_is_hung_up_on_and_the_next_one_is_served) {
    serve();
    {
        const Fd stranger = connect_guest(port_.socket());
        send_all(stranger.get(), std::string(1 << 16, '\xFF'));
        EXPECT_TRUE(hangs_up(stranger.get()));
    }
    ASSERT_TRUE(is_connected(false));
    Peer guest(connect_guest(port_.socket()));
    EXPECT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; }));
}

TEST_F(UsbOwner, only_the_user_of_the_virtual_machine_may_reach_its_socket) {
    serve();
    struct stat socket{};
    ASSERT_EQ(::stat(port_.socket().c_str(), &socket), 0);
    EXPECT_EQ(socket.st_mode & 0777U, 0600U);
    const passwd* const user = ::getpwnam("libvirt-qemu");
    EXPECT_EQ(socket.st_uid, user == nullptr ? 0U : user->pw_uid);
}

TEST_F(UsbOwner, holds_no_right_that_serving_does_not_need_and_has_a_bound_of_memory) {
    serve();
    const auto process = "/proc/" + std::to_string(owner_->pid());
    std::ifstream status(process + "/status");
    std::map<std::string, std::string> values;
    for (std::string key, value; status >> key && std::getline(status >> std::ws, value);)
        values[key] = value;
    EXPECT_EQ(values["CapPrm:"], "0000000000000000");
    EXPECT_EQ(values["CapEff:"], "0000000000000000");
    EXPECT_EQ(values["NoNewPrivs:"], "1");
    EXPECT_EQ(values["Seccomp:"], "2");
    EXPECT_EQ(values["Threads:"], "1");
#ifndef __SANITIZE_ADDRESS__
    std::ifstream limits(process + "/limits");
    std::string line;
    while (std::getline(limits, line) && !line.starts_with("Max data size")) continue;
    EXPECT_NE(line.find(" 67108864 "), std::string::npos) << line;
#endif
}

TEST_F(UsbOwner, whose_partition_must_be_trusted_has_a_gate) {
    owner_ = start_usb_owner(port_, 1, empty_port, {"--terms", "trusted, or else detach"});
    ASSERT_NE(owner_->line_with("\"serving\""), "");
    auto owner = OwnerConnection::open(port_.control());
    ASSERT_TRUE(owner);
    const auto first = owner->state(10s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->gate, Gate::closed);
    EXPECT_EQ(to_string(first->assignment.terms), "trusted, or else detach");
    Peer guest(connect_guest(port_.socket()));
    ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; }));
    ASSERT_TRUE(owner->set(Gate::open, 5s));
    ASSERT_TRUE(owner->set(Gate::closed, 5s));
}

TEST_F(UsbOwner, ends_when_asked_and_hangs_up_on_its_guest) {
    serve();
    Peer guest(connect_guest(port_.socket()));
    ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.greeted; }));
    ASSERT_TRUE(OwnerConnection::open(port_.control())->end(5s));
    EXPECT_EQ(owner_->wait(), 0);
    EXPECT_FALSE(guest.until([](const Peer&) { return false; }));
    EXPECT_TRUE(guest.hung_up);
}

TEST_F(UsbOwner, an_older_token_is_refused_even_after_the_newer_owner_was_killed) {
    serve(7);
    EXPECT_EQ(start_usb_owner(port_, 6)->wait(), 1);
    owner_->signal(SIGKILL);
    owner_->wait();
    const auto late = start_usb_owner(port_, 6);
    EXPECT_NE(late->line_with("token 6 is older than 7"), "");
    EXPECT_EQ(late->wait(), 1);
}

TEST_F(UsbOwner, a_place_that_is_no_port_is_refused_by_name) {
    for (const char* at : {"usb1", "1-2:1.0", "/dev/bus/usb/001/002"}) {
        const auto refused = start_usb_owner(port_, 1, at);
        EXPECT_NE(refused->line_with("'" + std::string(at) + "' is no USB port"), "") << at;
        EXPECT_EQ(refused->wait(), 2);
    }
    const auto refused = start_usb_owner(port_, 1, empty_port, {"--expect", "403:6001"});
    EXPECT_NE(refused->line_with("is no identity of a USB device"), "");
}

}  // namespace
}  // namespace bulkhead::passthrough
