#include "attestation/credential.hpp"

#include <gtest/gtest.h>

#include "attestation/guest/guest_tpm.hpp"
#include "attestation/tpm/host_tpm.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "software_tpm.hpp"
#include "tests/crypto/test_authority.hpp"

namespace bulkhead::attestation {
namespace {

using testing_support::SoftwareTpm;

class OneTpm : public testing::Test {
  protected:
    SoftwareTpm tpm;
    std::unique_ptr<HostTpm> host = HostTpm::open(tpm.tcti()).value();
};

TEST_F(OneTpm, activates_what_the_verifier_made_in_software) {
    for (int i = 0; i < 20; ++i) {  // points whose coordinates begin with zero are rare
        const auto credential = make_credential(host->ek_public(), host->ak_public());
        ASSERT_TRUE(credential) << credential.error().text();
        const auto secret = host->activate(credential->id_object, credential->encrypted_secret);
        ASSERT_TRUE(secret) << secret.error().text();
        EXPECT_EQ(*secret, credential->secret);
    }
}

TEST_F(OneTpm, is_activated_from_inside_a_guest) {
    host.reset();
    const auto guest = GuestTpm::open(tpm.connect()).value();
    const auto credential = make_credential(guest->ek_public(), guest->ak_public());
    ASSERT_TRUE(credential) << credential.error().text();
    const auto secret = guest->activate(credential->id_object, credential->encrypted_secret);
    ASSERT_TRUE(secret) << secret.error().text();
    EXPECT_EQ(*secret, credential->secret);
}

TEST_F(OneTpm, activates_nothing_that_was_made_for_another_tpm) {
    SoftwareTpm other_tpm;
    const auto other = HostTpm::open(other_tpm.tcti()).value();
    const auto other_ek = make_credential(other->ek_public(), host->ak_public());
    ASSERT_TRUE(other_ek);
    EXPECT_FALSE(host->activate(other_ek->id_object, other_ek->encrypted_secret));
    const auto other_ak = make_credential(host->ek_public(), other->ak_public());
    ASSERT_TRUE(other_ak);
    EXPECT_FALSE(host->activate(other_ak->id_object, other_ak->encrypted_secret));
}

TEST_F(OneTpm, gets_no_credential_for_a_key_of_software) {
    // TPM2_ActivateCredential would take it: only the template tells.
    wire::PublicArea area = wire::parse_public(host->ak_public()).value();
    area.attributes = wire::user_with_auth | wire::sign_encrypt;
    const auto credential = make_credential(host->ek_public(), wire::encode_public(area));
    ASSERT_FALSE(credential);
    EXPECT_EQ(
        credential.error().what,
        "this is no attestation key of our template: it is not fixedTPM, it is not fixedParent, it is not "
        "sensitiveDataOrigin, it is not noDA, it is not restricted");
    EXPECT_FALSE(make_credential(host->ak_public(), host->ak_public()));
    EXPECT_FALSE(make_credential(host->ek_public(), host->ek_public()));
}

TEST_F(OneTpm, gets_no_credential_for_a_point_off_the_curve) {
    wire::PublicArea ek = wire::parse_public(host->ek_public()).value();
    ek.y.back() = static_cast<char>(ek.y.back() ^ 1);
    EXPECT_FALSE(make_credential(wire::encode_public(ek), host->ak_public()));
}

TEST_F(OneTpm, has_a_quote_that_checks_out_and_none_of_its_alterations) {
    const std::string qualifying(32, 'q');
    const Quote quote = host->quote(qualifying, {13}).value();
    const std::string& ak = host->ak_public();
    EXPECT_TRUE(check_quote(quote.attest, quote.signature, ak, qualifying));
    const auto reason_of = [&](const std::string& attest, const std::string& signature,
                               const std::string& wanted) {
        const auto checked = check_quote(attest, signature, ak, wanted);
        return checked ? "" : checked.error().what.substr(0, checked.error().what.find(':'));
    };
    EXPECT_EQ(reason_of(quote.attest, quote.signature, std::string(32, 'x')), "qualifying-differs");
    EXPECT_EQ(reason_of("", quote.signature, qualifying), "quote-missing");
    EXPECT_EQ(reason_of(quote.attest + "x", quote.signature, qualifying), "quote-malformed");
    for (std::size_t at = 0; at < quote.attest.size(); ++at) {
        std::string altered = quote.attest;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        EXPECT_NE(reason_of(altered, quote.signature, qualifying), "") << at;
    }
    for (std::size_t at = 0; at < quote.signature.size(); ++at) {
        std::string altered = quote.signature;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        EXPECT_NE(reason_of(quote.attest, altered, qualifying), "") << at;
    }
}

TEST_F(OneTpm, signs_messages_that_check_out) {
    const auto signature = host->sign("an endorsement").value();
    EXPECT_TRUE(check_signature("an endorsement", signature, host->ak_public()));
    EXPECT_FALSE(check_signature("another one", signature, host->ak_public()));
}

TEST_F(OneTpm, has_a_name_as_the_tpm_computes_it) {
    // ActivateCredential above proves the AK's; here its form.
    const auto name = name_of(host->ak_public());
    ASSERT_TRUE(name);
    EXPECT_EQ(name->size(), 34U);
    EXPECT_EQ(name->substr(0, 2), std::string("\x00\x0b", 2));
}

TEST_F(OneTpm, rests_on_software_without_a_certificate) {
    EXPECT_EQ(*check_ek_certificate("", host->ek_public(), ""), TrustAnchor::software);
    EXPECT_FALSE(check_ek_certificate("not DER", host->ek_public(), ""));
}

TEST_F(OneTpm, rests_on_hardware_if_a_manufacturer_certified_its_endorsement_key) {
    const testing_support::TestAuthority authority;
    const wire::PublicArea ek = wire::parse_public(host->ek_public()).value();
    const std::string certificate = authority.issue(ek.x, ek.y);
    EXPECT_EQ(*check_ek_certificate(certificate, host->ek_public(), authority.root_pem()),
              TrustAnchor::hardware);
    EXPECT_EQ(*check_ek_certificate(certificate, host->ek_public(), ""), TrustAnchor::software);
    SoftwareTpm other_tpm;
    const auto other = HostTpm::open(other_tpm.tcti()).value();
    const auto mismatch = check_ek_certificate(certificate, other->ek_public(), authority.root_pem());
    ASSERT_FALSE(mismatch);
    EXPECT_EQ(mismatch.error().what, "the certificate is for another endorsement key");
}

TEST(EnrolmentMac, depends_on_every_field_and_on_their_bounds) {
    const std::string mac = enrolment_mac("secret", "s", "n", "ek", "ak", "tls");
    EXPECT_EQ(mac.size(), 32U);
    EXPECT_NE(mac, enrolment_mac("other", "s", "n", "ek", "ak", "tls"));
    EXPECT_NE(mac, enrolment_mac("secret", "sn", "", "ek", "ak", "tls"));
    EXPECT_NE(mac, enrolment_mac("secret", "s", "n", "ek", "akt", "ls"));
}

}  // namespace
}  // namespace bulkhead::attestation
