#include "crypto/pinned_chain.hpp"

#include <gmock/gmock.h>

namespace bulkhead::crypto {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const UtcSeconds now = std::chrono::sys_days(std::chrono::year(2031) / 5 / 4);

struct PinnedChain : testing::Test {
    struct Authority {
        explicit Authority(const std::string& name)
            : key(generate_tls_key().value()),
              pem(make_ca(
                      key,
                      {.common_name = name, .is_ca = true, .not_before = now, .not_after = now + 24h * 3650})
                      .value()),
              pin(read_certificate(pem, name)->sha256) {}
        std::string issue(bool is_server) const {
            const auto leaf_key = generate_tls_key().value();
            return issue_certificate(pem, key, public_key_of(leaf_key).value(),
                                     {.common_name = "leaf",
                                      .names = {"127.0.0.1"},
                                      .is_server = is_server,
                                      .not_before = now,
                                      .not_after = now + 24h * 30})
                .value();
        }
        std::string key, pem, pin;
    };
    static auto check(const std::string& chain, const std::string& pin, const std::string& ca = {},
                      std::optional<UtcSeconds> known = {}) {
        return check_pinned_chain(chain, pin, ca, known, "console");
    }
    const Authority console{"console"};
    const Authority other{"other"};
};

TEST_F(PinnedChain, takes_the_pinned_ca_from_the_chain_or_from_memory) {
    const auto leaf = console.issue(true);
    const auto first = check(leaf + console.pem, console.pin);
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(read_certificate(*first, "")->sha256, console.pin);
    EXPECT_TRUE(check(leaf, console.pin, *first));
    EXPECT_FALSE(check(leaf, console.pin));
}

TEST_F(PinnedChain, asks_no_clock_but_the_consoles_own) {
    // The machine's clock may stand in 1970 or after its end: neither is asked.
    const auto chain = console.issue(true) + console.pem;
    EXPECT_TRUE(check(chain, console.pin));
    EXPECT_TRUE(check(chain, console.pin, {}, now - 24h * 365 * 60));
    EXPECT_TRUE(check(chain, console.pin, {}, now + 24h * 29));
    EXPECT_THAT(check(chain, console.pin, {}, now + 24h * 31).error().text(), HasSubstr("expired"));
}

TEST_F(PinnedChain, refuses_another_ca_even_under_the_same_name) {
    const Authority twin{"console"};
    EXPECT_THAT(check(twin.issue(true) + twin.pem, console.pin).error().text(), HasSubstr("pinned"));
    // The true CA beside a leaf that it never signed.
    EXPECT_THAT(check(twin.issue(true) + console.pem, console.pin).error().text(), HasSubstr("pinned CA"));
}

TEST_F(PinnedChain, refuses_a_gateways_certificate_of_the_same_ca_as_a_server) {
    EXPECT_FALSE(check(console.issue(false) + console.pem, console.pin));
}

TEST_F(PinnedChain, refuses_the_ca_itself_nothing_and_nonsense) {
    EXPECT_FALSE(check(console.pem, console.pin));
    EXPECT_FALSE(check("", console.pin));
    EXPECT_FALSE(check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", console.pin));
}

TEST_F(PinnedChain, a_first_contact_takes_any_ca_and_says_which) {
    const auto shown = check(other.issue(true) + other.pem, any_ca);
    ASSERT_TRUE(shown);
    EXPECT_EQ(read_certificate(*shown, "")->sha256, other.pin);
    EXPECT_FALSE(check(console.issue(true) + other.pem, any_ca));
}

}  // namespace
}  // namespace bulkhead::crypto
