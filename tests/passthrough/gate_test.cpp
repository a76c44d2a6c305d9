// A line whose partition must be trusted to have it: what passes with its gate closed, open, and
// receive-only.
#include <gtest/gtest.h>

#include "examples/simulators/pty.hpp"
#include "passthrough/owner_connection.hpp"
#include "tests/passthrough/line.hpp"
#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using modbus::test::Bytes;
using modbus::test::rtu;
using modbus::test::text_of;
using simulators::Pty;

class GatedLine : public testing::Test {
  protected:
    void serve(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"--terms", "trusted, or else receive-only"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        owner_ = line_.start_owner(1, "115200 8N1", arguments);
        ASSERT_NE(owner_->line_with("\"serving\""), "");
        guest_ = connect_guest(line_.socket());
        ASSERT_TRUE(
            state_when(line_.control(), [](const auto& state) { return state.connected && state.present; }));
    }
    void set(Gate gate) {
        auto owner = OwnerConnection::open(line_.control());
        ASSERT_TRUE(owner);
        ASSERT_TRUE(owner->set(gate, 5s));
    }
    std::string ask(const Bytes& request, std::size_t length) {
        send_all(guest_.get(), text_of(request));
        return receive(guest_.get(), length);
    }
    // What the guest said before that has been dealt with: the owner swallows it at the line's speed.
    bool swallowed(std::uint64_t to_device) const {
        const auto state = OwnerConnection::open(line_.control())->state(10s);
        return state && state->to_device_bytes == to_device;
    }

    Line line_;
    std::unique_ptr<Child> owner_;
    Fd guest_;
};

TEST_F(GatedLine, is_held_and_silent_until_its_gate_opens) {
    const auto device = Pty::open(line_.device());
    serve();
    const auto state = state_when(line_.control(), [](const auto&) { return true; });
    ASSERT_TRUE(state);
    EXPECT_EQ(state->gate, Gate::closed);
    EXPECT_EQ(to_string(state->assignment.terms), "trusted, or else receive-only");
    send_all(guest_.get(), "stale command");
    send_all(device->fd(), "stale answer");
    set(Gate::open);
    EXPECT_TRUE(swallowed(0));
    send_all(guest_.get(), "fresh");
    EXPECT_EQ(receive(device->fd(), 5), "fresh");
    send_all(device->fd(), "heard");
    EXPECT_EQ(receive(guest_.get(), 5), "heard");
}

TEST_F(GatedLine, that_closes_again_takes_the_line_from_its_guest) {
    const auto device = Pty::open(line_.device());
    serve();
    set(Gate::open);
    send_all(guest_.get(), "one");
    ASSERT_EQ(receive(device->fd(), 3), "one");
    set(Gate::closed);
    send_all(guest_.get(), "two");
    send_all(device->fd(), "three");
    set(Gate::open);
    send_all(guest_.get(), "four");
    EXPECT_EQ(receive(device->fd(), 4), "four");
    send_all(device->fd(), "five");
    EXPECT_EQ(receive(guest_.get(), 4), "five");
}

TEST_F(GatedLine, that_only_receives_hears_the_device_and_says_nothing) {
    const auto device = Pty::open(line_.device());
    serve();
    set(Gate::receive_only);
    send_all(guest_.get(), "move");
    send_all(device->fd(), "temperature 41");
    EXPECT_EQ(receive(guest_.get(), 14), "temperature 41");
    set(Gate::open);
    send_all(guest_.get(), "hold");
    EXPECT_EQ(receive(device->fd(), 4), "hold");
}

TEST_F(GatedLine, with_a_modbus_guard_that_only_receives_reads_and_writes_nothing) {
    Child plc{{program("PLC_SIMULATOR"), "--link", line_.device()}};
    ASSERT_NE(plc.line_with("unit 1"), "");
    serve({"--guard", "modbus; unit 1 read write holding-registers 0-99; unit 1 functions 8"});
    set(Gate::open);
    const Bytes write = rtu({1, 6, 0, 8, 0x12, 0x34});
    ASSERT_EQ(ask(write, 8), text_of(write));
    set(Gate::receive_only);
    EXPECT_EQ(ask(rtu({1, 3, 0, 8, 0, 1}), 7).substr(0, 3), std::string("\1\3\2", 3)) << "a reading";
    EXPECT_EQ(ask(rtu({1, 6, 0, 8, 0, 0}), 5), text_of(rtu({1, 0x86, 1})));
    EXPECT_EQ(ask(rtu({1, 8, 0, 4, 0, 0}), 5), text_of(rtu({1, 0x88, 1}))) << "force listen only mode";
    const auto state = OwnerConnection::open(line_.control())->state(10s);
    ASSERT_TRUE(state && state->guard);
    EXPECT_EQ(state->guard->refused, 2U);
    EXPECT_EQ(state->guard->last, "unit 1, function 8: its partition is not trusted: it may only read");
    set(Gate::open);
    EXPECT_EQ(ask(write, 8), text_of(write));
}

TEST_F(GatedLine, of_an_owner_that_was_started_anew_is_closed_again) {
    const auto device = Pty::open(line_.device());
    serve();
    set(Gate::open);
    owner_.reset();
    serve();
    EXPECT_EQ(OwnerConnection::open(line_.control())->state(10s)->gate, Gate::closed);
}

// What requires nothing has no gate: no word of anybody closes it.
TEST(LineWithoutTerms, has_no_gate) {
    const Line line;
    const auto owner = line.start_owner();
    ASSERT_NE(owner->line_with("\"serving\""), "");
    auto asked = OwnerConnection::open(line.control());
    ASSERT_TRUE(asked);
    EXPECT_FALSE(asked->set(Gate::closed, 300ms));
    EXPECT_EQ(OwnerConnection::open(line.control())->state(10s)->gate, Gate::open);
}

}  // namespace
}  // namespace bulkhead::passthrough
