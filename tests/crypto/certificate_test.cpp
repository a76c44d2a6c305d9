#include "crypto/certificate.hpp"

#include <gtest/gtest.h>

namespace bulkhead::crypto {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

class Certificates : public testing::Test {
  protected:
    const UtcSeconds begin{sys_days{1970y / 1 / 1}};
    const UtcSeconds end{sys_days{2120y / 6 / 30}};
    const std::string ca_key = generate_tls_key().value();
    const std::string ca = make_ca(ca_key, {"Bulkhead console", {}, true, false, begin, end}).value();
    const std::string key = generate_tls_key().value();
};

TEST_F(Certificates, are_issued_to_the_key_of_a_request) {
    const auto csr = make_csr(key, "press-line-3").value();
    const auto public_key = public_key_of_csr(csr, "csr").value();
    EXPECT_EQ(public_key, public_key_of(key).value());
    const auto issued =
        issue_certificate(ca, ca_key, public_key, {"press-line-3", {}, false, false, begin, end});
    const auto facts = read_certificate(issued.value(), "certificate").value();
    EXPECT_EQ(facts.common_name, "press-line-3");
    EXPECT_EQ(facts.public_key, public_key);
    EXPECT_EQ(facts.not_before, begin);
    EXPECT_EQ(facts.not_after, end);
    EXPECT_EQ(facts.serial.size(), 32U);
    EXPECT_NE(facts.sha256, read_certificate(ca, "ca")->sha256);
}

TEST_F(Certificates, carry_names_and_addresses) {
    const auto public_key = public_key_of(key).value();
    EXPECT_TRUE(issue_certificate(
        ca, ca_key, public_key, {"console", {"console.plant", "127.0.0.1", "::1"}, false, true, begin, end}));
    EXPECT_FALSE(issue_certificate(ca, ca_key, public_key, {"console", {"1.2"}, false, true, begin, end}));
}

TEST_F(Certificates, refuse_what_is_none) {
    auto altered = make_csr(key, "press-line-3").value();
    altered[100] = altered[100] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(public_key_of_csr(altered, "csr"));
    EXPECT_FALSE(public_key_of_csr("", "csr"));
    EXPECT_FALSE(read_certificate(key, "certificate"));
    EXPECT_FALSE(issue_certificate(ca, ca_key, "rubbish", {"x", {}, false, false, begin, end}));
}

}  // namespace
}  // namespace bulkhead::crypto
