#include "attestation/tpm/host_tpm.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/attest.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/signature.hpp"
#include "software_tpm.hpp"

namespace bulkhead::attestation {
namespace {

using testing_support::SoftwareTpm;

const std::string qualifying(32, 'q');

std::unique_ptr<HostTpm> opened(const SoftwareTpm& tpm) {
    auto host = HostTpm::open(tpm.tcti());
    EXPECT_TRUE(host) << host.error().text();
    return host ? std::move(*host) : nullptr;
}

TEST(HostTpm, has_the_keys_of_our_templates_and_the_same_ones_after_a_reset) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    const std::string ak = host->ak_public();
    const std::string ek = host->ek_public();
    const auto ak_area = wire::parse_public(ak);
    ASSERT_TRUE(ak_area) << ak_area.error().text();
    EXPECT_EQ(wire::difference(*ak_area, wire::ak_area()), "");
    EXPECT_EQ(wire::encode_public(*ak_area), ak);
    const auto ek_area = wire::parse_public(ek);
    ASSERT_TRUE(ek_area) << ek_area.error().text();
    EXPECT_EQ(wire::difference(*ek_area, wire::ek_area()), "");
    host.reset();
    tpm.restart();
    host = opened(tpm);
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(host->ak_public(), ak);
    EXPECT_EQ(host->ek_public(), ek);
}

TEST(HostTpm, says_that_nothing_answers) {
    const testing_support::TemporaryFolder folder;
    const auto host = HostTpm::open("swtpm:path=" + (folder.path() / "none").string());
    ASSERT_FALSE(host);
    EXPECT_EQ(host.error().code, Code::unavailable);
}

TEST(HostTpm, quotes_the_registers_it_read) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    ASSERT_TRUE(host->extend(13, std::string(32, '\x01')));
    const auto quote = host->quote(qualifying, {0, 7, 13});
    ASSERT_TRUE(quote) << quote.error().text();
    const auto attest = wire::parse_attest(quote->attest);
    ASSERT_TRUE(attest) << attest.error().text();
    EXPECT_TRUE(attest->generated_by_tpm());
    EXPECT_TRUE(attest->is_quote());
    EXPECT_EQ(attest->extra_data, qualifying);
    const std::vector<wire::PcrSelection> wanted = {{.hash = wire::alg_sha256, .pcrs = {0, 7, 13}}};
    EXPECT_EQ(attest->selections, wanted);
    ASSERT_EQ(quote->pcrs.size(), 3U);
    EXPECT_EQ(quote->pcrs.at(0), std::string(32, '\0'));
    EXPECT_NE(quote->pcrs.at(13), std::string(32, '\0'));
    const auto signature = wire::parse_signature(quote->signature);
    ASSERT_TRUE(signature) << signature.error().text();
    EXPECT_EQ(signature->hash, wire::alg_sha256);
}

TEST(HostTpm, counts_a_reset) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    const auto before = wire::parse_attest(host->quote(qualifying, {13})->attest);
    host.reset();
    tpm.restart();
    host = opened(tpm);
    ASSERT_NE(host, nullptr);
    const auto after = wire::parse_attest(host->quote(qualifying, {13})->attest);
    EXPECT_EQ(after->reset_count, before->reset_count + 1);
}

TEST(HostTpm, quotes_two_hundred_times_and_leaves_nothing_loaded) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    for (int i = 0; i < 200; ++i) {
        const auto quote = host->quote(qualifying, {13});
        ASSERT_TRUE(quote) << i << ": " << quote.error().text();
    }
    for (int i = 0; i < 8; ++i) {  // more than there are slots
        const auto sealed = host->seal("a state key");
        ASSERT_TRUE(sealed) << i << ": " << sealed.error().text();
        const auto opened_again = host->unseal(*sealed);
        ASSERT_TRUE(opened_again) << i << ": " << opened_again.error().text();
    }
}

TEST(HostTpm, takes_over_a_tpm_whose_slots_a_dead_process_left_full) {
    SoftwareTpm tpm;
    for (int i = 0; i < 5; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto host = HostTpm::open(tpm.tcti());
            ::_exit(host ? 0 : 1);  // without a destructor
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0) << "at round " << i;
    }
    EXPECT_NE(opened(tpm), nullptr);
}

TEST(HostTpm, unseals_only_its_own_and_only_unaltered) {
    SoftwareTpm tpm;
    SoftwareTpm other;
    auto host = opened(tpm);
    auto stranger = opened(other);
    ASSERT_NE(host, nullptr);
    ASSERT_NE(stranger, nullptr);
    const std::string secret(128, 's');
    auto sealed = host->seal(secret);
    ASSERT_TRUE(sealed) << sealed.error().text();
    EXPECT_EQ(*host->unseal(*sealed), secret);
    EXPECT_FALSE(stranger->unseal(*sealed));
    EXPECT_FALSE(host->unseal(sealed->substr(0, sealed->size() - 1)));
    sealed->back() = static_cast<char>(sealed->back() ^ 1);
    EXPECT_FALSE(host->unseal(*sealed));
    EXPECT_FALSE(host->seal(std::string(129, 's')));
    EXPECT_FALSE(host->seal(""));
}

TEST(HostTpm, signs_a_message_but_none_that_looks_like_a_quote) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    const auto signature = host->sign("an endorsement");
    ASSERT_TRUE(signature) << signature.error().text();
    EXPECT_TRUE(wire::parse_signature(*signature));
    EXPECT_FALSE(
        host->sign("\xff"
                   "TCG and more"));
}

TEST(HostTpm, has_no_certificate_if_nobody_made_one) {
    SoftwareTpm tpm;
    auto host = opened(tpm);
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(*host->ek_certificate(), "");
}

}  // namespace
}  // namespace bulkhead::attestation
