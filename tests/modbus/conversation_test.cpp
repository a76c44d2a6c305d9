#include "modbus/conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <vector>

#include "tests/passthrough/modbus/frames.hpp"

namespace bulkhead::modbus::test {
namespace {

using namespace std::chrono_literals;
using passthrough::modbus::test::bytes;
using passthrough::modbus::test::Bytes;

// Under transaction 0x0102.
Bytes adu(unsigned unit, std::initializer_list<unsigned> pdu) {
    Bytes made = bytes({1, 2, 0, 0, 0, static_cast<unsigned>(pdu.size() + 1), unit});
    const Bytes rest = bytes(pdu);
    made.insert(made.end(), rest.begin(), rest.end());
    return made;
}

const Bytes read_ten = adu(1, {3, 0, 0, 0, 10});
const Bytes write_one = adu(1, {6, 0, 5, 0, 7});

class TcpGuard : public ::testing::Test {
  protected:
    // Gives what there is room for; the rest stays where it was, as in a socket.
    static std::size_t pour(std::span<std::byte> room, std::span<const std::byte> from) {
        const std::size_t count = std::min(room.size(), from.size());
        std::copy_n(from.begin(), count, room.begin());
        return count;
    }
    void client_says(std::span<const std::byte> said) {
        while (!said.empty()) {
            const std::size_t count = pour(talk->room_for_client(), said);
            if (count == 0) break;
            talk->client_said(count, now);
            said = said.subspan(count);
        }
        left = Bytes(said.begin(), said.end());
    }
    void server_says(std::span<const std::byte> said) {
        while (!said.empty()) {
            const std::size_t count = pour(talk->room_for_server(), said);
            if (count == 0) break;
            talk->server_said(count, now);
            said = said.subspan(count);
        }
        left = Bytes(said.begin(), said.end());
    }
    Bytes server_takes() {
        const auto span = talk->for_server();
        Bytes taken(span.begin(), span.end());
        if (!taken.empty()) talk->server_took(taken.size(), now);
        return taken;
    }
    Bytes client_takes() {
        const auto span = talk->for_client();
        Bytes taken(span.begin(), span.end());
        if (!taken.empty()) talk->client_took(taken.size(), now);
        return taken;
    }
    void expect_broken(const std::string& why) {
        EXPECT_TRUE(talk->is_over());
        EXPECT_EQ(guard.counts().broken, 1U);
        EXPECT_EQ(guard.counts().last, why);
        EXPECT_TRUE(talk->for_server().empty());
        EXPECT_TRUE(talk->room_for_client().empty());
        EXPECT_TRUE(talk->room_for_server().empty());
    }
    void anew() { talk = std::make_unique<Conversation>(guard, now); }

    Moment now;
    Guard guard{model::parse_modbus_guard("unit 1 read holding-registers 0-99; rate 10/s").value()};
    std::unique_ptr<Conversation> talk = std::make_unique<Conversation>(guard, now);
    Bytes left;  // what was not taken
};

TEST_F(TcpGuard, passes_a_request_and_its_answer_at_every_point_where_they_may_be_split) {
    const Bytes answer = adu(1, {3, 2, 0, 7});
    for (std::size_t split = 1; split < read_ten.size(); ++split) {
        client_says(std::span(read_ten).first(split));
        EXPECT_TRUE(talk->for_server().empty()) << split;
        client_says(std::span(read_ten).subspan(split));
        EXPECT_EQ(server_takes(), read_ten) << split;
        const std::size_t half = std::min(split, answer.size() - 1);
        server_says(std::span(answer).first(half));
        EXPECT_TRUE(talk->for_client().empty()) << split;
        server_says(std::span(answer).subspan(half));
        EXPECT_EQ(client_takes(), answer) << split;
        now += 1s;
    }
    EXPECT_EQ(guard.counts().passed, read_ten.size() - 1);
    EXPECT_FALSE(talk->is_over());
}

TEST_F(TcpGuard, answers_what_no_rule_allows_itself_and_under_its_number) {
    client_says(write_one);
    EXPECT_TRUE(talk->for_server().empty());
    EXPECT_TRUE(talk->room_for_server().empty());
    EXPECT_EQ(client_takes(), adu(1, {0x86, 1}));
    client_says(adu(1, {3, 0, 95, 0, 10}));
    EXPECT_EQ(client_takes(), adu(1, {0x83, 2}));
    client_says(adu(1, {3, 0, 0, 0, 0}));
    EXPECT_EQ(client_takes(), adu(1, {0x83, 3}));
    client_says(adu(9, {3, 0, 0, 0, 1}));
    EXPECT_EQ(client_takes(), adu(9, {0x83, 10}));
    EXPECT_EQ(guard.counts().refused, 4U);
    client_says(read_ten);
    EXPECT_EQ(server_takes(), read_ten);
}

TEST_F(TcpGuard, is_busy_above_the_rate) {
    client_says(read_ten);
    server_takes();
    server_says(adu(1, {0x83, 4}));  // the server's own refusal is an answer
    EXPECT_EQ(client_takes(), adu(1, {0x83, 4}));
    client_says(read_ten);
    EXPECT_EQ(client_takes(), adu(1, {0x83, 6}));
    now += 100ms;
    client_says(read_ten);
    EXPECT_EQ(server_takes(), read_ten);
}

TEST_F(TcpGuard, leaves_requests_that_came_together_with_their_sender) {
    Bytes both = read_ten;
    both.insert(both.end(), write_one.begin(), write_one.end());
    client_says(both);
    EXPECT_EQ(left, write_one);
    EXPECT_EQ(server_takes(), read_ten);
    EXPECT_TRUE(talk->room_for_client().empty());
    server_says(adu(1, {3, 2, 0, 7}));
    EXPECT_TRUE(talk->room_for_client().empty());
    client_takes();
    client_says(write_one);
    EXPECT_EQ(client_takes(), adu(1, {0x86, 1}));
}

TEST_F(TcpGuard, goes_on_in_the_middle_of_what_was_sent) {
    client_says(read_ten);
    talk->server_took(5, now);
    const auto rest = talk->for_server();
    EXPECT_EQ(Bytes(rest.begin(), rest.end()), Bytes(read_ten.begin() + 5, read_ten.end()));
    EXPECT_TRUE(talk->room_for_server().empty());
    server_takes();
    EXPECT_FALSE(talk->room_for_server().empty());
}

TEST_F(TcpGuard, ends_a_connection_that_speaks_something_else) {
    client_says(bytes({1, 2, 0, 1}));
    expect_broken("a message of another protocol than Modbus");
}

TEST_F(TcpGuard, ends_a_connection_whose_lengths_lie) {
    client_says(bytes({1, 2, 0, 0, 0, 1}));
    expect_broken("a message that ends before its function");
    anew();
    client_says(bytes({1, 2, 0, 0, 0, 255, 1}));
    EXPECT_TRUE(talk->is_over());
    EXPECT_EQ(guard.counts().last, "a message longer than Modbus has");
    anew();
    client_says(bytes({1, 2, 0, 0, 1, 6, 1}));  // 262: its low byte alone would do
    EXPECT_TRUE(talk->is_over());
    EXPECT_EQ(guard.counts().broken, 3U);
}

TEST_F(TcpGuard, takes_the_longest_message_and_no_byte_more) {
    Bytes longest = bytes({1, 2, 0, 0, 0, 254, 1, 100});
    longest.resize(longest_adu);
    longest.push_back(std::byte{1});
    client_says(longest);
    EXPECT_EQ(left.size(), 1U);
    EXPECT_EQ(client_takes(), adu(1, {0x80 | 100, 1}));
}

TEST_F(TcpGuard, passes_an_answer_to_what_was_asked_alone) {
    const Bytes wrong_number = bytes({1, 3, 0, 0, 0, 3, 1, 3, 0});
    const Bytes too_long = bytes({1, 2, 0, 0, 1, 0, 1, 3});
    for (const Bytes& lie : {wrong_number, too_long, adu(2, {3, 0}), adu(1, {4, 0}), bytes({1, 2, 0, 9})}) {
        anew();
        now += 1s;
        client_says(read_ten);
        server_takes();
        server_says(lie);
        EXPECT_TRUE(talk->is_over());
        EXPECT_TRUE(talk->for_client().empty());
        EXPECT_EQ(guard.counts().last, "what a server said is no answer to what it was asked");
    }
    EXPECT_EQ(guard.counts().broken, 5U);
}

TEST_F(TcpGuard, ends_a_connection_whose_server_speaks_unasked) {
    talk->server_spoke_unasked();
    expect_broken("a server spoke unasked");
}

TEST_F(TcpGuard, waits_for_a_request_as_a_whole_and_not_for_each_byte) {
    EXPECT_EQ(talk->deadline(), now + Conversation::time_to_idle);
    now += 1min;
    const auto first = now;
    for (const std::byte each : std::span(read_ten).first(8)) {
        client_says(std::span(&each, 1));
        EXPECT_EQ(talk->deadline(), first + Conversation::time_to_say);
        now += 500ms;
    }
    talk->past();
    expect_broken("a request that never came whole");
}

TEST_F(TcpGuard, gives_a_server_its_time_and_ends_an_idle_connection_without_a_word) {
    client_says(read_ten);
    EXPECT_EQ(talk->deadline(), now + Conversation::time_to_say);
    server_takes();
    EXPECT_EQ(talk->deadline(), now + Conversation::time_to_answer);
    now += 29s;
    server_says(adu(1, {3, 2, 0, 7}));
    EXPECT_EQ(talk->deadline(), now + Conversation::time_to_say);  // of the client to take it
    client_takes();
    EXPECT_EQ(talk->deadline(), now + Conversation::time_to_idle);
    talk->past();
    EXPECT_TRUE(talk->is_over());
    EXPECT_EQ(guard.counts().broken, 0U);
}

}  // namespace
}  // namespace bulkhead::modbus::test
