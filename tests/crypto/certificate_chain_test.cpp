#include "crypto/certificate_chain.hpp"

#include <gtest/gtest.h>

#include "crypto/ecdh.hpp"
#include "crypto/encoding.hpp"
#include "test_authority.hpp"

namespace bulkhead::crypto {
namespace {

using testing_support::EndOptions;
using testing_support::TestAuthority;

constexpr const char* usage = "2.23.133.8.1";

class EndCertificates : public testing::Test {
  protected:
    const std::string x =
        from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", "x").value();
    const std::string y =
        from_hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", "y").value();
    TestAuthority authority;
};

TEST_F(EndCertificates, have_a_path_to_a_known_root) {
    const auto end = check_end_certificate(authority.issue(x, y), authority.root_pem(), usage);
    ASSERT_TRUE(end) << end.error().text();
    EXPECT_TRUE(end->known_root);
    EXPECT_EQ(end->x, x);
    EXPECT_EQ(end->y, y);
}

TEST_F(EndCertificates, of_an_unknown_root_are_no_error) {
    const TestAuthority other;
    EXPECT_FALSE(check_end_certificate(authority.issue(x, y), "", usage)->known_root);
    const std::string elsewhere = other.root_pem();
    // The same name and another key: an altered signature, as far as anybody can tell.
    const auto end = check_end_certificate(authority.issue(x, y), elsewhere, usage);
    EXPECT_TRUE(!end || !end->known_root);
}

TEST_F(EndCertificates, may_be_followed_by_filling_alone) {
    const std::string der = authority.issue(x, y);
    EXPECT_TRUE(check_end_certificate(der + std::string(9, '\0') + "\xff\xff", authority.root_pem(), usage));
    EXPECT_FALSE(check_end_certificate(der + "x", authority.root_pem(), usage));
    for (std::size_t size = 0; size < der.size(); size += 7)
        EXPECT_FALSE(check_end_certificate(der.substr(0, size), authority.root_pem(), usage)) << size;
}

TEST_F(EndCertificates, that_are_wrong_are_refused) {
    const auto error = [&](const EndOptions& options, const std::string& roots) {
        const auto end = check_end_certificate(authority.issue(x, y, options), roots, usage);
        return end ? "" : end.error().what;
    };
    EXPECT_EQ(error({.usage = "serverAuth"}, authority.root_pem()), "the certificate is for another usage");
    EXPECT_EQ(error({.is_ca = true}, authority.root_pem()),
              "the certificate is that of an authority, not of a key");
    EXPECT_EQ(error({.begins_in = -7200, .ends_in = -3600}, authority.root_pem()),
              "the certificate's path is wrong: certificate has expired");
    EXPECT_EQ(error({.begins_in = 3600, .ends_in = 7200}, authority.root_pem()),
              "the certificate's path is wrong: certificate is not yet valid");
    EXPECT_EQ(error({}, authority.expired_root_pem()),
              "the certificate's path is wrong: certificate has expired");
}

TEST_F(EndCertificates, that_were_altered_are_refused) {
    std::string der = authority.issue(x, y);
    der.back() = static_cast<char>(der.back() ^ 1);
    const auto end = check_end_certificate(der, authority.root_pem(), usage);
    EXPECT_TRUE(!end || !end->known_root);
}

}  // namespace
}  // namespace bulkhead::crypto
