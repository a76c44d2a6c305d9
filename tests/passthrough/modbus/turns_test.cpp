#include "passthrough/modbus/turns.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::passthrough::modbus::test {
namespace {

using namespace std::chrono_literals;

class TurnsAtALine : public ::testing::Test {
  protected:
    TurnsAtALine() {
        for (const Turns::Client client : {1U, 2U, 3U}) turns.join(client);
    }
    void ask(Turns::Client client, const Bytes& request) { turns.from_client(client, request, now); }
    void say(const Bytes& bytes) { turns.from_line(bytes, now); }
    // As a loop would: whenever something is due, until then.
    void pass(Turns::Duration time) {
        const auto end = now + time;
        while (const auto next = turns.next()) {
            if (*next > end) break;
            now = std::max(now, *next);
            turns.tick(now);
        }
        now = end;
    }

    Turns::Moment now{};
    std::vector<Bytes> line;
    std::vector<std::pair<Turns::Client, Bytes>> answers;
    Turns turns{
        *model::parse_serial_line("19200 8N1; in turns of 200 ms"),
        {[this](auto bytes) { line.emplace_back(bytes.begin(), bytes.end()); },
         [this](auto client, auto bytes) { answers.emplace_back(client, Bytes(bytes.begin(), bytes.end())); },
         [] {}}};
    const Bytes read = rtu({1, 3, 0, 0, 0, 1});
    const Bytes answer = rtu({1, 3, 2, 0, 7});
};

TEST_F(TurnsAtALine, an_answer_goes_to_who_asked_alone) {
    ask(2, read);
    EXPECT_EQ(line, std::vector<Bytes>({read}));
    say(answer);
    EXPECT_EQ(answers, (std::vector{std::pair(2U, answer)}));
    EXPECT_EQ(turns.counts(2), (TurnCounts{.turns = 1, .answered = 1}));
    EXPECT_EQ(turns.counts(1), TurnCounts{});
}

TEST_F(TurnsAtALine, the_next_request_waits_for_the_answer_and_for_silence) {
    ask(1, read);
    ask(2, rtu({1, 3, 0, 9, 0, 1}));
    EXPECT_EQ(line.size(), 1U);
    EXPECT_TRUE(turns.is_waiting(2));
    say(answer);
    EXPECT_EQ(line.size(), 1U) << "3.5 characters have not passed";
    pass(1ms);
    EXPECT_EQ(line.size(), 1U);
    pass(1ms);
    EXPECT_EQ(line.size(), 2U);
    EXPECT_EQ(turns.counts(1).waited, 0U);
    const auto waited = turns.counts(2);
    EXPECT_EQ(waited.waited, 1U);
    EXPECT_GT(waited.longest_wait, 1ms);
    EXPECT_LE(waited.longest_wait, 2ms);
    EXPECT_EQ(waited.waited_for, waited.longest_wait);
}

TEST_F(TurnsAtALine, everybody_has_a_turn_whoever_asks_most) {
    for (int i = 0; i < 30; ++i) {
        for (int again = 0; again < 5; ++again) ask(1, read);
        ask(2, rtu({1, 3, 0, 2, 0, 1}));
        ask(3, rtu({1, 3, 0, 3, 0, 1}));
        say(answer);
        pass(2ms);
    }
    std::map<std::byte, int> asked;
    for (const auto& request : line) ++asked[request[3]];
    for (const unsigned which : {0U, 2U, 3U}) EXPECT_NEAR(asked[std::byte(which)], 10, 1) << which;
    EXPECT_GT(turns.counts(1).given_up, 50U);
}

TEST_F(TurnsAtALine, who_is_not_answered_keeps_the_others_off_for_no_longer_than_one_deadline) {
    ask(1, rtu({9, 3, 0, 0, 0, 1}));  // no such unit
    ask(2, read);
    pass(turns.longest_turn());
    ASSERT_EQ(line.size(), 2U);
    EXPECT_EQ(line[1], read);
    EXPECT_EQ(turns.counts(1), (TurnCounts{.turns = 1, .timed_out = 1}));
    EXPECT_EQ(turns.counts(2).waited, 1U);
    EXPECT_GE(turns.counts(2).longest_wait, 200ms);
    EXPECT_TRUE(answers.empty()) << "silence, as on a line of its own";
}

TEST_F(TurnsAtALine, a_device_that_drips_ends_with_the_deadline_too) {
    ask(1, read);
    ask(2, read);
    const auto begun = now;
    while (line.size() < 2 && now - begun < 10s) {
        say({std::byte{1}});
        pass(10ms);
    }
    EXPECT_LE(now - begun, turns.longest_turn() + 10ms);
    EXPECT_EQ(turns.counts(1).timed_out, 1U);
}

TEST_F(TurnsAtALine, late_answers_and_answers_of_others_are_thrown_away) {
    ask(1, read);
    pass(300ms);
    say(answer);  // nobody waits any more
    EXPECT_TRUE(answers.empty());
    ask(2, rtu({2, 3, 0, 0, 0, 1}));
    say(answer);                      // of the first one
    say(rtu({2, 4, 2, 0, 7}));        // another function
    say(rtu({2, 3, 4, 0, 7, 0, 7}));  // more than was asked for
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(turns.stray_bytes(), 2 * answer.size() + 7 + 9);
    say(rtu({2, 3, 2, 0, 9}));
    EXPECT_EQ(answers, (std::vector{std::pair(2U, rtu({2, 3, 2, 0, 9}))}));
}

TEST_F(TurnsAtALine, exceptions_and_answers_in_pieces_are_answers) {
    ask(1, read);
    const Bytes exception = rtu({1, 0x83, 2});
    for (const auto each : exception) {
        say({each});
        pass(5ms);
    }
    EXPECT_EQ(answers, (std::vector{std::pair(1U, exception)}));
    answers.clear();
    ask(1, rtu({1, 17}));  // whose answer's length nobody knows, like the request's
    pass(60ms);
    const Bytes report = rtu({1, 17, 3, 9, 0xff, 1});
    say(report);
    pass(60ms);
    EXPECT_EQ(answers, (std::vector{std::pair(1U, report)}));
}

TEST_F(TurnsAtALine, a_client_that_goes_or_asks_anew_gets_no_answer_of_before) {
    ask(1, read);
    turns.leave(1);
    ask(2, read);
    say(answer);
    EXPECT_TRUE(answers.empty());
    pass(5ms);
    const Bytes newer = rtu({1, 3, 0, 5, 0, 1});
    ask(2, newer);  // while the former one is on the line
    say(answer);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(turns.counts(2).given_up, 1U);
    pass(5ms);
    EXPECT_EQ(line.back(), newer);
    say(answer);
    EXPECT_EQ(answers.size(), 1U);
}

TEST_F(TurnsAtALine, who_drips_or_sends_what_is_no_request_never_has_the_line) {
    for (int i = 0; i < 100; ++i) {
        turns.from_client(1, Bytes{std::byte{1}}, now);
        pass(60ms);
    }
    Bytes broken = read;
    broken[4] ^= std::byte{1};
    ask(3, broken);
    pass(60ms);
    EXPECT_TRUE(line.empty());
    EXPECT_GE(turns.counts(1).broken, 99U);
    EXPECT_EQ(turns.counts(3).broken, 1U);
    ask(2, read);
    EXPECT_EQ(line.size(), 1U);
}

TEST_F(TurnsAtALine, a_broadcast_is_over_after_its_time_and_answered_by_nobody) {
    ask(1, rtu({0, 6, 0, 0, 0, 1}));
    ask(2, read);
    say(answer);
    EXPECT_TRUE(answers.empty());
    pass(120ms);
    EXPECT_EQ(line.size(), 2U);
    EXPECT_EQ(turns.counts(1), (TurnCounts{.turns = 1, .answered = 1}));
}

TEST_F(TurnsAtALine, one_request_of_a_client_is_held_and_a_newer_one_takes_its_place_from_its_first_byte) {
    ask(1, read);
    ask(2, rtu({1, 3, 0, 8, 0, 1}));
    const Bytes newer = rtu({1, 3, 0, 9, 0, 1});
    pass(5ms);
    ask(2, {newer.begin(), newer.begin() + 3});
    EXPECT_FALSE(turns.is_waiting(2));
    EXPECT_EQ(turns.counts(2).given_up, 1U);
    EXPECT_EQ(turns.counts(2).longest_wait, 5ms) << "a wait in vain is one";
    ask(2, {newer.begin() + 3, newer.end()});
    say(answer);
    pass(2ms);
    EXPECT_EQ(line.back(), newer);
    EXPECT_EQ(turns.counts(2).turns, 1U);
}

TEST_F(TurnsAtALine, of_a_line_that_went_nothing_is_left_for_the_one_that_comes) {
    ask(1, read);
    ask(2, read);
    ask(3, {read.begin(), read.begin() + 3});
    say({answer.begin(), answer.begin() + 3});
    turns.forget_all();
    EXPECT_EQ(turns.next(), std::nullopt);
    say({answer.begin() + 3, answer.end()});
    pass(1s);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(line.size(), 1U);
    ask(3, read);
    say(answer);
    EXPECT_EQ(answers, (std::vector{std::pair(3U, answer)}));
}

TEST(TurnsOfAPortThatHearsItself, skip_what_it_sent) {
    Turns::Moment now{};
    std::vector<Bytes> answers;
    Turns turns{
        *model::parse_serial_line("19200 8N1; rs485 rts on send, 0 ms before, 0 ms after, rx during tx"),
        {[](auto) {}, [&](auto, auto bytes) { answers.emplace_back(bytes.begin(), bytes.end()); }, [] {}}};
    turns.join(1);
    const Bytes write = rtu({1, 6, 0, 0, 0, 1});  // whose answer is the same
    turns.from_client(1, write, now);
    turns.from_line(write, now);
    EXPECT_TRUE(answers.empty());
    turns.from_line(write, now);
    EXPECT_EQ(answers, std::vector<Bytes>({write}));
}

}  // namespace
}  // namespace bulkhead::passthrough::modbus::test
