// A line that speaks Modbus, with a guard: a PLC behind it, as libmodbus answers, and a guest that asks.
#include <gtest/gtest.h>

#include "tests/passthrough/line.hpp"
#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace testing_support;
using modbus::test::Bytes;
using modbus::test::rtu;
using modbus::test::text_of;

class GuardedLine : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(plc_.line_with("unit 1"), "");
        owner_ = line_.start_owner(
            1, "9600 8N1",
            {"--guard", "modbus; unit 1 read holding-registers 0-99; unit 1 write holding-registers 8"});
        ASSERT_NE(owner_->line_with("\"serving\""), "");
        ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.present; }));
        guest_ = connect_guest(line_.socket());
    }
    std::string ask(const Bytes& request, std::size_t length) {
        send_all(guest_.get(), text_of(request));
        return receive(guest_.get(), length);
    }
    GuardCounts counts() {
        const auto state =
            state_when(line_.control(), [](const auto& each) { return each.guard.has_value(); });
        return state ? *state->guard : GuardCounts{};
    }

    Line line_;
    Child plc_{{program("PLC_SIMULATOR"), "--link", line_.device()}};
    std::unique_ptr<Child> owner_;
    Fd guest_;
};

TEST_F(GuardedLine, reads_reach_the_plc_and_a_write_does_not) {
    const Bytes read = rtu({1, 3, 0, 8, 0, 1});
    const std::string before = ask(read, 7);
    ASSERT_EQ(before.size(), 7U);
    EXPECT_EQ(before.substr(0, 3), std::string("\1\3\2", 3));
    EXPECT_EQ(ask(rtu({1, 6, 0, 9, 0x12, 0x34}), 5), text_of(rtu({1, 0x86, 2}))) << "elsewhere";
    EXPECT_EQ(ask(rtu({1, 5, 0, 8, 0xff, 0}), 5), text_of(rtu({1, 0x85, 1}))) << "another table";
    EXPECT_EQ(ask(rtu({2, 3, 0, 8, 0, 1}), 5), text_of(rtu({2, 0x83, 10}))) << "another unit";
    EXPECT_EQ(ask(read, 7), before);
    const Bytes write = rtu({1, 6, 0, 8, 0x12, 0x34});
    EXPECT_EQ(ask(write, 8), text_of(write)) << "the one that may be written";
    EXPECT_EQ(
        counts(),
        (GuardCounts{3, 3, 0, "unit 2, function 3, read holding-registers 8: no rule is for this unit"}));
}

TEST_F(GuardedLine, what_comes_in_pieces_or_broken_is_no_way_round) {
    const std::string write = text_of(rtu({1, 6, 0, 9, 0x12, 0x34}));
    for (const auto& piece : {write.substr(0, 3), write.substr(3)}) send_all(guest_.get(), piece);
    EXPECT_EQ(receive(guest_.get(), 5), text_of(rtu({1, 0x86, 2})));
    // A frame of a function that nobody knows, and what is cut off: their end is silence.
    EXPECT_EQ(ask(rtu({1, 99, 6, 0}), 5), text_of(rtu({1, 99 | 0x80, 1})));
    Bytes broken = rtu({1, 6, 0, 8, 0x12, 0x34});
    broken[5] ^= std::byte{1};
    send_all(guest_.get(), text_of(broken));
    const auto state =
        state_when(line_.control(), [](const auto& each) { return each.guard && each.guard->broken == 1; });
    ASSERT_TRUE(state);
    EXPECT_EQ(state->guard->last, "a frame with a wrong checksum");
    EXPECT_EQ(state->to_device_bytes, 0U) << "nothing of it was on the line";
}

TEST_F(GuardedLine, another_guest_begins_afresh) {
    send_all(guest_.get(), text_of(rtu({1, 3, 0, 8, 0, 1})).substr(0, 4));
    guest_.reset();
    ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return !state.connected; }));
    guest_ = connect_guest(line_.socket());
    EXPECT_EQ(ask(rtu({1, 3, 0, 8, 0, 1}), 7).size(), 7U);
}

// The adapter of a press: its emergency frames are heard, its readings 0x182 are not, and nothing is sent.
TEST(GuardedBus, a_guest_hears_what_it_may_and_sends_nothing) {
    const Line line;
    const Child adapter({program("CAN_ADAPTER_SIMULATOR"), "--link", line.device()});
    const auto owner =
        line.start_owner(1, "115200 8N1", {"--guard", "slcan 500000; receive 0x181; receive 0x701"});
    ASSERT_NE(owner->line_with("\"serving\""), "");
    ASSERT_TRUE(state_when(line.control(), [](const auto& state) { return state.present; }));
    const Fd guest = connect_guest(line.socket());
    send_all(guest.get(), "C\rS6\rS5\rO\rt181100\r");
    const std::string heard = receive(guest.get(), 2048);
    EXPECT_NE(heard.find("t1812"), std::string::npos) << heard.substr(0, 200);
    EXPECT_NE(heard.find("t701105\r"), std::string::npos);
    EXPECT_EQ(heard.find("t1822"), std::string::npos);
    const auto state = state_when(line.control(), [](const auto& each) { return each.guard.has_value(); });
    ASSERT_TRUE(state);
    EXPECT_EQ(state->guard->refused, 2U);
    EXPECT_EQ(state->guard->last, "send 0x181: no rule allows it");
}

}  // namespace
}  // namespace bulkhead::passthrough
