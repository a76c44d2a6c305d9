#include "crypto/password.hpp"

#include <gtest/gtest.h>

namespace bulkhead::crypto {
namespace {

TEST(Password, a_hash_knows_its_password_and_no_other) {
    const auto hash = hash_password("correct horse");
    EXPECT_TRUE(hash.starts_with("scrypt$15$8$1$"));
    EXPECT_EQ(hash.find("horse"), std::string::npos);
    EXPECT_TRUE(is_password("correct horse", hash));
    EXPECT_FALSE(is_password("correct horsf", hash));
    EXPECT_FALSE(is_password("", hash));
    EXPECT_NE(hash_password("correct horse"), hash);
}

TEST(Password, a_hash_carries_its_own_cost) {
    // RFC 7914 clause 12 has N = 16384, r = 8, p = 1: "pleaseletmein" with the salt "SodiumChloride", first
    // 32 bytes.
    EXPECT_TRUE(is_password("pleaseletmein",
                            "scrypt$14$8$1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046_2o-7qQT44-qbVD9lRdofI"));
}

TEST(Password, refuses_a_hash_of_another_form) {
    for (const char* hash :
         {"", "scrypt", "scrypt$15$8$1$c2FsdA", "scrypt$40$8$1$c2FsdA$aGFzaA", "scrypt$15$64$1$c2FsdA$aGFzaA",
          "bcrypt$15$8$1$c2FsdA$aGFzaA", "scrypt$15$8$1$*$*"})
        EXPECT_FALSE(is_password("x", hash)) << hash;
}

TEST(Password, generated_ones_differ) {
    EXPECT_NE(generate_password(), generate_password());
    EXPECT_EQ(generate_password().size(), 23u);
}

}  // namespace
}  // namespace bulkhead::crypto
