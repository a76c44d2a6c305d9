#include "crypto/encoding.hpp"

#include <gtest/gtest.h>

namespace bulkhead::crypto {
namespace {

TEST(Encoding, agrees_with_rfc_4648_clause_10) {
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(*from_base64("Zm9vYmE=", ""), "fooba");
    EXPECT_EQ(*from_base64("", ""), "");
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
    EXPECT_EQ(*from_base64url("-_8", ""), "\xfb\xff");
    EXPECT_EQ(to_hex("\x01\xAB"), "01ab");
    EXPECT_EQ(*from_hex("01aB", ""), "\x01\xAB");
}

TEST(Encoding, has_one_text_for_the_same_bytes) {
    for (const auto* text : {"Zm9vYmE", "Zm9vYmF=", "Zm9v\n", "Zm9=YmE=", "=", "====", "Zm9vY===", "-_8="})
        EXPECT_FALSE(from_base64(text, "")) << text;
    for (const auto* text : {"0", "0g", "0x"}) EXPECT_FALSE(from_hex(text, "")) << text;
}

}  // namespace
}  // namespace bulkhead::crypto
