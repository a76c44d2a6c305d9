#include "passthrough/slcan/guard.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace bulkhead::passthrough::slcan::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

class SlcanGuard : public ::testing::Test {
  protected:
    static std::unique_ptr<Guard> guarded(const std::string& text) {
        const auto allowed = model::parse_can_guard(text);
        EXPECT_TRUE(allowed) << allowed.error().text();
        return std::make_unique<Guard>(allowed.value_or(model::CanGuard{}), 500'000);
    }
    std::string sends(const std::string& said) {
        const auto passed = guard->from_guest(bytes_of(said), now);
        answered = text_of(passed.to_guest);
        return text_of(passed.to_line);
    }
    std::string hears(const std::string& said) { return text_of(guard->from_line(bytes_of(said))); }

    LineGuard::Moment now{};
    std::string answered;
    std::unique_ptr<Guard> guard = guarded(
        "send 0x181; receive 0x180/0x7f0; send receive extended 0x18fee500/0x1fffff00; send 0x300 at 20/s");
};

TEST_F(SlcanGuard, sends_what_a_rule_allows_and_answers_bell_for_the_rest) {
    EXPECT_EQ(sends("t18121122\r"), "t18121122\r");
    EXPECT_EQ(answered, "");
    EXPECT_EQ(sends("t18221122\r"), "") << "heard, not sent";
    EXPECT_EQ(answered, "\a");
    EXPECT_EQ(sends("T18FEE5002AABB\r"), "T18FEE5002AABB\r");
    EXPECT_EQ(sends("T000001812AABB\r"), "") << "the same number, extended";
    EXPECT_EQ(sends("r1810\r"), "r1810\r");
    EXPECT_EQ(guard->counts().passed, 3U);
    EXPECT_EQ(guard->counts().refused, 2U);
    EXPECT_EQ(guard->counts().last, "send 0x00000181: no rule allows it");
}

TEST_F(SlcanGuard, hears_what_a_rule_allows_and_what_the_adapter_says_of_itself) {
    EXPECT_EQ(hears("t18a21122\rt19021122\r\r\aV1013\rz\r"), "t18a21122\r\r\aV1013\rz\r");
    EXPECT_EQ(hears("t18a2"), "");
    EXPECT_EQ(hears("11221234\r"), "t18a211221234\r") << "with the time that some adapters add";
    EXPECT_EQ(hears("T18FEE5FF0\rT18FEE6FF0\r"), "T18FEE5FF0\r");
}

TEST_F(SlcanGuard, keeps_the_adapters_settings) {
    EXPECT_EQ(sends("C\rS6\rO\r"), "C\rS6\rO\r");
    for (const char* setting :
         {"S5\r", "s0314\r", "U1\r", "Q1\r", "M00000000\r", "mFFFFFFFF\r", "W1\r", "Z1\r", "X1\r", "OO\r"}) {
        EXPECT_EQ(sends(setting), "") << setting;
        EXPECT_EQ(answered, "\a") << setting;
    }
    EXPECT_EQ(sends("V\rN\rF\r\r"), "V\rN\rF\r\r");
}

TEST_F(SlcanGuard, opens_the_channel_to_listen_if_nothing_may_be_sent) {
    guard = guarded("receive 0x0/0x0");
    EXPECT_EQ(sends("S6\rO\r"), "S6\rL\r");
    EXPECT_EQ(sends("t1810\r"), "");
    EXPECT_EQ(hears("t7ff0\r"), "t7ff0\r");
}

TEST_F(SlcanGuard, takes_pieces_and_refuses_what_is_no_frame) {
    EXPECT_EQ(sends("t181"), "");
    EXPECT_EQ(sends("2112"), "");
    EXPECT_EQ(sends("2\rt"), "t18121122\r");
    EXPECT_EQ(sends("1810\r"), "t1810\r");
    for (const char* broken : {"t1819\r", "t18121\r", "t8000\r", "T200000000\r", "txyz0\r", "r18121122\r"})
        EXPECT_EQ(sends(broken), "") << broken;
    EXPECT_EQ(guard->counts().broken, 6U);
    EXPECT_EQ(sends(std::string(100'000, 't')), "");
    EXPECT_EQ(sends("\r"), "");
    EXPECT_EQ(guard->counts().last, "a command that does not end");
    EXPECT_EQ(sends("t1810\r"), "t1810\r");
}

TEST_F(SlcanGuard, keeps_to_a_rate) {
    EXPECT_EQ(sends("t3000\rt3000\rt3000\r"), "t3000\rt3000\r");
    EXPECT_EQ(guard->counts().last, "send 0x300: above the rate");
    now += 50ms;
    EXPECT_EQ(sends("t3000\rt3000\r"), "t3000\r");
}

TEST(CanGuard, reads_back_what_it_wrote) {
    const std::string text =
        "send 0x181; receive 0x180/0x7f0; send receive extended 0x18fee500/0x1fffff00 at 100/s";
    const auto guard = model::parse_can_guard(text);
    ASSERT_TRUE(guard) << guard.error().text();
    EXPECT_EQ(model::to_string(*guard), text);
    for (const char* wrong :
         {"0x181", "send", "send 181", "send 0x800", "send 0x181/0x180", "send 0x181 at 0/s",
          "send 0x181 at 5", "receive extended 0x20000000", "send 0x"})
        EXPECT_FALSE(model::parse_can_guard(wrong)) << wrong;
}

}  // namespace
}  // namespace bulkhead::passthrough::slcan::test
