#include "crypto/join_string.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "crypto/encoding.hpp"

namespace bulkhead::crypto {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string hex_pin = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string token = "tok_en-0123456789";

TEST(JoinString, reads_what_it_prints) {
    for (const std::string host : {"console.example", "192.0.2.7", "2001:db8::1"}) {
        const JoinString join{host, 8443, hex_pin, token};
        const auto read = parse_join_string("  " + to_string(join) + "\n");
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(*read, join);
    }
    EXPECT_EQ(to_string({"h", 1, hex_pin, token}),
              "bulkhead-join-v1,h:1," + to_base64url(from_hex(hex_pin, "").value()) + "," + token);
}

TEST(JoinString, takes_a_pin_in_hexadecimal) {
    std::string upper = hex_pin;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(parse_join_string("bulkhead-join-v1,h:8443," + upper + "," + token)->pin, hex_pin);
}

TEST(JoinString, refuses_what_is_cut_altered_or_too_long_and_never_quotes_the_token) {
    const std::string good = to_string({"console.example", 8443, hex_pin, token});
    for (std::size_t length = 0; length < good.size() - token.size() + 7; ++length)
        EXPECT_FALSE(parse_join_string(good.substr(0, length))) << length;
    for (const std::string& bad : std::vector<std::string>{
             std::string("bulkhead-join-v2,h:1,") + hex_pin + "," + token, good + ",more", good + "\n" + good,
             "bulkhead-join-v1,h:0," + hex_pin + "," + token,
             "bulkhead-join-v1,h:65536," + hex_pin + "," + token,
             "bulkhead-join-v1,h," + hex_pin + "," + token, "bulkhead-join-v1,:1," + hex_pin + "," + token,
             "bulkhead-join-v1,a/b:1," + hex_pin + "," + token,
             "bulkhead-join-v1,h:1," + hex_pin + ",a b c d e f g",
             "bulkhead-join-v1,h:1,zz" + hex_pin.substr(2) + "," + token, good + std::string(1000, 'x')}) {
        const auto refused = parse_join_string(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, Code::invalid);
        EXPECT_THAT(refused.error().text(), Not(HasSubstr(token))) << bad;
        EXPECT_LT(refused.error().text().size(), 400U);
    }
}

}  // namespace
}  // namespace bulkhead::crypto
