#include "passthrough/modbus/rtu.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::passthrough::modbus::test {
namespace {

using namespace std::chrono_literals;

TEST(Crc, is_that_of_the_specification) {
    // MODBUS over Serial Line V1.02, appendix B: 02 07 gives 41 12.
    EXPECT_EQ(crc(bytes({0x02, 0x07})), 0x1241);
    EXPECT_EQ(crc(rtu({1, 3, 0, 0, 0, 10})), 0);
}

class RtuGuard : public ::testing::Test {
  protected:
    static std::unique_ptr<Rtu> guarded(const std::string& text) {
        auto guard = model::parse_modbus_guard(text);
        EXPECT_TRUE(guard) << guard.error().text();
        return std::make_unique<Rtu>(guard.value_or(model::ModbusGuard{}));
    }
    void expect_passes(const Bytes& frame) {
        const auto passed = rtu_guard->from_guest(frame, now);
        EXPECT_EQ(passed.to_line, frame);
        EXPECT_TRUE(passed.to_guest.empty());
    }
    void expect_refused(const Bytes& frame, unsigned code) {
        const auto passed = rtu_guard->from_guest(frame, now);
        EXPECT_TRUE(passed.to_line.empty());
        EXPECT_EQ(passed.to_guest, rtu({std::to_integer<unsigned>(frame[0]),
                                        std::to_integer<unsigned>(frame[1]) | 0x80U, code}));
    }

    LineGuard::Moment now;
    std::unique_ptr<Rtu> rtu_guard = guarded(
        "unit 1 read holding-registers 0-99; unit 1 read write holding-registers 40-49; "
        "unit 1 read coils 0-15; unit 2-3 functions 8 17");
};

TEST_F(RtuGuard, lets_pass_what_a_rule_allows) {
    expect_passes(rtu({1, 3, 0, 0, 0, 100}));
    expect_passes(rtu({1, 6, 0, 40, 0, 7}));
    expect_passes(rtu({1, 16, 0, 40, 0, 2, 4, 0, 1, 0, 2}));
    expect_passes(rtu({2, 17}));
    EXPECT_EQ(rtu_guard->counts().passed, 4U);
    EXPECT_EQ(rtu_guard->counts().refused, 0U);
}

TEST_F(RtuGuard, answers_the_rest_as_a_server_of_the_field_would) {
    expect_refused(rtu({1, 6, 0, 50, 0, 7}), 2);   // written elsewhere, not there
    expect_refused(rtu({1, 3, 0, 90, 0, 11}), 2);  // one register too many
    expect_refused(rtu({1, 5, 0, 0, 255, 0}), 1);  // coils are for reading
    expect_refused(rtu({1, 4, 0, 0, 0, 1}), 1);
    expect_refused(rtu({1, 17}), 1);
    expect_refused(rtu({4, 3, 0, 0, 0, 1}), 10);
    expect_refused(rtu({1, 23, 0, 0, 0, 1, 0, 50, 0, 1, 2, 0, 0}), 2);  // of two accesses one
    expect_refused(rtu({1, 3, 0, 0, 0, 0}), 3);
    EXPECT_EQ(rtu_guard->counts().refused, 8U);
    EXPECT_EQ(rtu_guard->counts().last, "unit 1: a request whose lengths contradict its function");
    expect_refused(rtu({1, 6, 0, 50, 0, 7}), 2);
    EXPECT_EQ(rtu_guard->counts().last,
              "unit 1, function 6, write holding-registers 50: no rule allows these addresses");
}

TEST_F(RtuGuard, takes_requests_in_pieces_and_several_at_once) {
    const Bytes good = rtu({1, 3, 0, 0, 0, 10});
    const Bytes bad = rtu({1, 6, 0, 0, 0, 1});
    Bytes all = good;
    all.insert(all.end(), bad.begin(), bad.end());
    all.insert(all.end(), good.begin(), good.end());
    Bytes twice = good;
    twice.insert(twice.end(), good.begin(), good.end());
    const auto at_once = rtu_guard->from_guest(all, now);
    EXPECT_EQ(at_once.to_line, twice);
    EXPECT_EQ(at_once.to_guest.size(), 5U);
    LineGuard::Passed dripped;
    for (const std::byte each : all) {
        const auto passed = rtu_guard->from_guest(std::span(&each, 1), now);
        dripped.to_line.insert(dripped.to_line.end(), passed.to_line.begin(), passed.to_line.end());
        dripped.to_guest.insert(dripped.to_guest.end(), passed.to_guest.begin(), passed.to_guest.end());
    }
    EXPECT_EQ(dripped.to_line, at_once.to_line);
    EXPECT_EQ(dripped.to_guest, at_once.to_guest);
    EXPECT_FALSE(rtu_guard->waits_for_silence());
}

// Nothing of it reaches the line, and what follows is not taken for a request before there was silence.
TEST_F(RtuGuard, is_lost_after_a_wrong_checksum_until_there_is_silence) {
    Bytes broken = rtu({1, 3, 0, 0, 0, 10});
    broken.back() ^= std::byte{1};
    const Bytes good = rtu({1, 3, 0, 0, 0, 10});
    EXPECT_TRUE(rtu_guard->from_guest(broken, now).to_line.empty());
    EXPECT_TRUE(rtu_guard->from_guest(good, now).to_line.empty());
    EXPECT_TRUE(rtu_guard->waits_for_silence());
    EXPECT_TRUE(rtu_guard->on_silence(now).to_line.empty());
    expect_passes(good);
    EXPECT_EQ(rtu_guard->counts().broken, 1U);
    EXPECT_EQ(rtu_guard->counts().last, "a frame with a wrong checksum");
}

TEST_F(RtuGuard, judges_functions_without_a_length_of_their_own_after_silence) {
    const Bytes echo = rtu({2, 8, 0, 0, 165, 55});
    EXPECT_TRUE(rtu_guard->from_guest(echo, now).to_line.empty());
    EXPECT_EQ(rtu_guard->on_silence(now).to_line, echo);
    const Bytes unknown = rtu({1, 99, 1, 2, 3});
    EXPECT_TRUE(rtu_guard->from_guest(unknown, now).to_line.empty());
    EXPECT_EQ(rtu_guard->on_silence(now).to_guest, rtu({1, 99 | 0x80, 1}));
}

TEST_F(RtuGuard, counts_what_is_cut_off_or_never_ends) {
    const Bytes good = rtu({1, 3, 0, 0, 0, 10});
    EXPECT_TRUE(rtu_guard->from_guest(std::span(good).first(3), now).to_line.empty());
    EXPECT_TRUE(rtu_guard->on_silence(now).to_line.empty());
    EXPECT_EQ(rtu_guard->counts().last, "a frame that is cut off");
    const Bytes endless(1000, std::byte{99});
    EXPECT_TRUE(rtu_guard->from_guest(endless, now).to_line.empty());
    EXPECT_EQ(rtu_guard->counts().last, "more bytes than a frame has");
    EXPECT_EQ(rtu_guard->counts().broken, 2U);
}

TEST_F(RtuGuard, answers_no_broadcast_and_asks_for_a_rule_for_it) {
    const auto passed = rtu_guard->from_guest(rtu({0, 6, 0, 40, 0, 1}), now);
    EXPECT_TRUE(passed.to_line.empty());
    EXPECT_TRUE(passed.to_guest.empty());
    EXPECT_EQ(rtu_guard->counts().refused, 1U);
    rtu_guard = guarded("unit 0 write holding-registers 40");
    expect_passes(rtu({0, 6, 0, 40, 0, 1}));
}

TEST_F(RtuGuard, keeps_to_a_rate) {
    rtu_guard = guarded("unit 1 read coils 0-15; rate 20/s");
    const Bytes frame = rtu({1, 1, 0, 0, 0, 1});
    expect_passes(frame);
    expect_passes(frame);
    expect_refused(frame, 6);
    now += 50ms;
    expect_passes(frame);
    expect_refused(frame, 6);
}

TEST(ModbusGuard, reads_back_what_it_wrote) {
    const std::string text =
        "unit 1 read holding-registers 0-99; unit 1 read write coils 5; unit 2-3 functions 8 17; rate 50/s";
    const auto guard = model::parse_modbus_guard(text);
    ASSERT_TRUE(guard) << guard.error().text();
    EXPECT_EQ(model::to_string(*guard), text);
    for (const char* wrong :
         {"unit 1", "unit 1 read", "unit 256 read coils 0", "unit 3-1 read coils 0",
          "unit 1 read coils 0-65536", "unit 1 functions 0", "unit 1 functions", "rate 0/s", "rate 5",
          "read coils 0", "unit 1 read steam 0", "unit 1 coils 0", "unit 1 write input-registers 0"})
        EXPECT_FALSE(model::parse_modbus_guard(wrong)) << wrong;
}

}  // namespace
}  // namespace bulkhead::passthrough::modbus::test
