#include "crypto/ecdsa.hpp"

#include <gtest/gtest.h>

#include "crypto/certificate.hpp"
#include "crypto/certificate_chain.hpp"
#include "crypto/digest.hpp"
#include "crypto/ecdh.hpp"
#include "crypto/encoding.hpp"
#include "crypto/symmetric.hpp"

namespace bulkhead::crypto {
namespace {

std::string hex(const std::string& text) {
    return from_hex(text, "test").value();
}

// RFC 6979, clause A.2.5: P-256, SHA-256, message "sample".
const std::string x = hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
const std::string y = hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const std::string r = hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
const std::string s = hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
const std::string order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const std::string zero(32, '\0');

TEST(Ecdsa, verifies_the_example_of_rfc_6979_again_and_again) {
    const auto key = EcdsaKey::from_point(x, y);
    ASSERT_TRUE(key) << key.error().text();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(key->verifies(sha256_raw("sample"), r, s));
    EXPECT_FALSE(key->verifies(sha256_raw("other"), r, s));
    EXPECT_TRUE(key->verifies(sha256_raw("sample"), r, s)) << "after a failure";
}

TEST(Ecdsa, refuses_numbers_that_are_zero_or_out_of_range) {
    const auto key = EcdsaKey::from_point(x, y);
    ASSERT_TRUE(key);
    const std::string digest = sha256_raw("sample");
    for (const std::string& wrong :
         {zero, order, std::string(32, '\xff'), std::string(), r.substr(1), r + r}) {
        EXPECT_FALSE(key->verifies(digest, wrong, s));
        EXPECT_FALSE(key->verifies(digest, r, wrong));
    }
    EXPECT_FALSE(key->verifies(zero, zero, zero));
    EXPECT_FALSE(key->verifies(digest.substr(1), r, s));
}

TEST(Ecdsa, refuses_points_off_the_curve) {
    EXPECT_FALSE(EcdsaKey::from_point(y, x));
    EXPECT_FALSE(EcdsaKey::from_point(zero, zero));
    EXPECT_FALSE(EcdsaKey::from_point("", ""));
    EXPECT_FALSE(EcdsaKey::from_point(x + "x", y));
}

TEST(Ecdh, gives_another_secret_each_time_and_refuses_points_off_the_curve) {
    const auto one = agree(x, y);
    const auto two = agree(x, y);
    ASSERT_TRUE(one) << one.error().text();
    EXPECT_EQ(one->shared_x.size(), 32U);
    EXPECT_NE(one->shared_x, two->shared_x);
    EXPECT_TRUE(EcdsaKey::from_point(one->x, one->y)) << "the ephemeral key is on the curve";
    EXPECT_FALSE(agree(y, x));
}

TEST(Hmac, is_that_of_rfc_4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Aes, is_that_of_sp_800_38a) {
    // F.3.13, its first block and half of the second.
    EXPECT_EQ(to_hex(encrypt_aes128_cfb(hex("2b7e151628aed2a6abf7158809cf4f3c"),
                                        hex("000102030405060708090a0b0c0d0e0f"),
                                        hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c"))),
              "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93f");
}

TEST(EndCertificate, refuses_what_is_no_certificate_or_is_for_another_usage) {
    EXPECT_EQ(check_end_certificate("not DER", "", "2.23.133.8.1").error().what,
              "the certificate is malformed");
    EXPECT_FALSE(check_end_certificate("", "", "2.23.133.8.1"));
}

}  // namespace
}  // namespace bulkhead::crypto
