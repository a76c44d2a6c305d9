// What people and programs send: queries, bodies, and feeds that are read too slowly.
#include <gtest/gtest.h>

#include "console/server/http/body.hpp"
#include "console/server/http/feed.hpp"
#include "console/server/http/query.hpp"

namespace bulkhead::console::http {
namespace {

using std::chrono::milliseconds;

TEST(Query, numbers_are_whole_and_within_bounds) {
    for (const auto* bad : {"0", "1001", "-1", "1.5", "", "5 ", "0x10", "99999999999999999999999"})
        EXPECT_FALSE(list_request({{"page_size", bad}})) << bad;
    EXPECT_EQ(list_request({{"page_size", "1000"}})->page_size(), 1000U);
    EXPECT_FALSE(window({{"page_token", "x"}}));
    EXPECT_FALSE(log_window({{"follow", "yes"}}));
    EXPECT_FALSE(log_window({{"follow", "false"}})->follow);
}

TEST(Query, is_decoded_word_by_word_and_a_value_may_hold_an_equals_sign) {
    EXPECT_EQ(decode_query("/p?label=line=3&search=a%20b+c&&x=%4&y=%zz&%41"),
              (Pairs{{"label", "line=3"}, {"search", "a b c"}, {"x", "%4"}, {"y", "%zz"}, {"A", ""}}));
    EXPECT_EQ(decode_query("/p"), Pairs{});
    EXPECT_EQ(decode_query("/p?a=%2"), (Pairs{{"a", "%2"}}));
    EXPECT_EQ(decode_query("/p?" + std::string(5000, '&') + "a=1").size(), 1U);
}

TEST(Query, labels_may_repeat_and_nothing_else) {
    EXPECT_EQ(list_request({{"label", "a=1"}, {"label", "b="}})->labels_size(), 2);
    EXPECT_FALSE(list_request({{"site", "a"}, {"site", "b"}}));
    EXPECT_FALSE(list_request({{"label", "=1"}}));
    EXPECT_FALSE(list_request({{"label", "a"}}));
    EXPECT_FALSE(list_request(Pairs(17, {"label", "a=1"})));
}

TEST(Query, values_are_bounded_text) {
    EXPECT_FALSE(list_request({{"search", std::string(257, 'a')}}));
    EXPECT_FALSE(list_request({{"search", "\xff"}}));
}

TEST(RequestBody, is_a_flat_object_of_known_keys) {
    for (const auto* bad : {"[]", "1", "{", "{\"a\":1}{}", "null", R"({"user":null})", R"({"user":{}})",
                            R"({"user":["x"]})", R"({"user":true})", R"({"user":-1})", R"({"usr":"x"})",
                            R"({"user":"a","user":"b"})", "{\"user\":\"\xff\"}"})
        EXPECT_FALSE(Body::read(bad, {"user"})) << bad;
    EXPECT_FALSE(Body::read(std::string(100'000, '['), {"user"}));
    EXPECT_TRUE(Body::read("", {"user"}));
    EXPECT_EQ(*Body::read(R"({"user":"\u00e9"})", {"user"})->text("user", 8), "\xc3\xa9");
}

TEST(RequestBody, values_are_of_their_kind_and_within_bounds) {
    const auto body = *Body::read(R"({"user":"anna","seconds":60,"empty":""})", {"user", "seconds", "empty"});
    EXPECT_FALSE(body.text("user", 3));
    EXPECT_FALSE(body.text("empty", 3));
    EXPECT_FALSE(body.text("missing", 3));
    EXPECT_FALSE(body.text("seconds", 3));
    EXPECT_EQ(*body.optional_text("missing", 3), "");
    EXPECT_FALSE(body.number("user", 1, 100, 7));
    EXPECT_FALSE(body.number("seconds", 61, 100, 7));
    EXPECT_EQ(*body.number("seconds", 60, 60, 7), 60U);
    EXPECT_EQ(*body.number("missing", 60, 60, 7), 7U);
}

TEST(RequestBody, an_envelope_names_its_gateway_or_is_refused) {
    EXPECT_EQ(*gateway_of_envelope(R"({"payload":"eyJnYXRld2F5IjoiZ3ctMSJ9"})"), "gw-1");
    for (const auto* bad : {"", "{}", R"({"payload":1})", R"({"payload":"!"})", R"({"payload":"e30="})",
                            R"({"payload":"W10="})", R"({"payload":"eyJnYXRld2F5IjoxfQ=="})"})
        EXPECT_FALSE(gateway_of_envelope(bad)) << bad;
}

TEST(FeedTest, a_slow_reader_is_told_what_it_lost_in_its_place) {
    Feed feed(2, 1000, [](std::uint64_t events, std::uint64_t size) {
        return "lost " + std::to_string(events) + "/" + std::to_string(size) + ";";
    });
    const auto reader = feed.take_over();
    for (const auto* text : {"a;", "b;", "c;", "d;"}) feed.push(text, 10);
    EXPECT_EQ(feed.next(milliseconds(0), reader), "a;b;lost 2/20;");
    feed.push("e;");
    feed.finish("end;");
    EXPECT_EQ(feed.next(milliseconds(0), reader), "e;end;");
    EXPECT_EQ(feed.next(milliseconds(0), reader), std::nullopt);
}

TEST(FeedTest, what_waits_already_is_not_kept_twice) {
    Feed feed(10, 1000, [](std::uint64_t, std::uint64_t) { return ""; });
    const auto reader = feed.take_over();
    for (const auto* text : {"a;", "b;", "a;"}) feed.push_once(text);
    EXPECT_EQ(feed.next(milliseconds(0), reader), "a;b;");
    feed.push_once("a;");
    EXPECT_EQ(feed.next(milliseconds(0), reader), "a;");
}

TEST(FeedTest, a_later_reader_takes_over_and_nothing_is_lost) {
    Feed feed(10, 1000, [](std::uint64_t, std::uint64_t) { return ""; });
    const auto first = feed.take_over();
    const auto second = feed.take_over();
    feed.push("a;");
    EXPECT_EQ(feed.next(milliseconds(0), first), std::nullopt);
    EXPECT_EQ(feed.next(milliseconds(0), second), "a;");
    EXPECT_EQ(feed.next(milliseconds(0), second), "");
}

}  // namespace
}  // namespace bulkhead::console::http
