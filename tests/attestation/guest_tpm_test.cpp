#include "attestation/guest/guest_tpm.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include "attestation/tpm/host_tpm.hpp"
#include "attestation/wire/attest.hpp"
#include "attestation/wire/signature.hpp"
#include "software_tpm.hpp"

namespace bulkhead::attestation {
namespace {

using testing_support::SoftwareTpm;

std::unique_ptr<GuestTpm> opened(const SoftwareTpm& tpm) {
    auto guest = GuestTpm::open(tpm.connect());
    EXPECT_TRUE(guest) << guest.error().text();
    return guest ? std::move(*guest) : nullptr;
}

TEST(GuestTpm, has_the_keys_that_the_host_sees_in_the_same_tpm) {
    SoftwareTpm tpm;
    std::string ak;
    std::string ek;
    {
        const auto guest = opened(tpm);
        ASSERT_NE(guest, nullptr);
        ak = guest->ak_public();
        ek = guest->ek_public();
    }
    const auto host = HostTpm::open(tpm.tcti());
    ASSERT_TRUE(host) << host.error().text();
    EXPECT_EQ((*host)->ak_public(), ak);
    EXPECT_EQ((*host)->ek_public(), ek);
}

TEST(GuestTpm, quotes_two_hundred_times) {
    SoftwareTpm tpm;
    const auto guest = opened(tpm);
    ASSERT_NE(guest, nullptr);
    for (int i = 0; i < 200; ++i) {
        const auto quote = guest->quote(std::string(32, 'q'), {0, 13, 23});
        ASSERT_TRUE(quote) << quote.error().text();
        ASSERT_EQ(quote->pcrs.size(), 3U);
        const auto attest = wire::parse_attest(quote->attest);
        ASSERT_TRUE(attest) << attest.error().text();
        ASSERT_EQ(attest->extra_data, std::string(32, 'q'));
        ASSERT_TRUE(wire::parse_signature(quote->signature));
    }
}

TEST(GuestTpm, refuses_a_credential_that_is_none_and_goes_on) {
    SoftwareTpm tpm;
    const auto guest = opened(tpm);
    ASSERT_NE(guest, nullptr);
    const std::string sized("\0\4abcd", 6);
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(guest->activate(sized, sized));  // more than there are slots
    EXPECT_FALSE(guest->activate("\xff", sized));
    EXPECT_TRUE(guest->quote(std::string(32, 'q'), {13}));
}

TEST(GuestTpm, says_that_a_machine_has_no_tpm) {
    const auto guest = GuestTpm::open(std::filesystem::path("/nonexistent/tpmrm0"));
    ASSERT_FALSE(guest);
    EXPECT_EQ(guest.error().code, Code::unavailable);
}

TEST(GuestTpm, notices_a_tpm_that_goes_away) {
    SoftwareTpm tpm;
    const auto guest = opened(tpm);
    ASSERT_NE(guest, nullptr);
    ::signal(SIGPIPE, SIG_IGN);  // as the agent does
    tpm.stop();
    EXPECT_FALSE(guest->quote(std::string(32, 'q'), {13}));
}

}  // namespace
}  // namespace bulkhead::attestation
