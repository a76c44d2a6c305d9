#include "partition-manager/uplink/identity.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "partition-manager/uplink/box_key.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::uplink {
namespace {

const Membership joined{"press-line-3", "console:8443", std::string(64, 'a'),  "CA",
                        "CERTIFICATE",  "software",     "2031-05-04T12:00:00Z"};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

struct IdentityTest : testing::Test {
    std::unique_ptr<Identity> open() { return Identity::open(folder / "uplink").value(); }
    apply::Folder folder;
};

TEST_F(IdentityTest, remembers_its_console_and_keeps_its_key_to_itself) {
    const auto before = open();
    EXPECT_FALSE(before->membership());
    const auto key = before->key().value();
    ASSERT_TRUE(before->put(joined));
    const auto after = open();
    EXPECT_EQ(after->membership(), joined);
    EXPECT_EQ(after->key().value(), key);
    EXPECT_EQ(mode_of(folder / "uplink"), 0700U);
    for (const auto* name : {"key.pem", "membership.json"})
        EXPECT_EQ(mode_of(folder / "uplink" / name), 0600U);
}

TEST_F(IdentityTest, the_consoles_time_only_goes_on) {
    const auto identity = open();
    ASSERT_TRUE(identity->put(joined));
    ASSERT_TRUE(identity->note_time("1970-01-01T00:00:10Z"));
    ASSERT_TRUE(identity->note_time("2031-05-04T12:59:00Z"));
    ASSERT_TRUE(identity->note_time("nonsense"));
    EXPECT_EQ(identity->membership()->known_time, "2031-05-04T12:00:00Z");
    ASSERT_TRUE(identity->note_time("2031-05-04T13:00:00Z"));
    EXPECT_EQ(identity->known_time(), parse_rfc3339("2031-05-04T13:00:00.250Z"));
}

TEST_F(IdentityTest, takes_several_keys_of_it_and_no_other_kind) {
    const auto identity = open();
    EXPECT_EQ(identity->it_keys().error().code, Code::not_found);
    const auto a = crypto::SigningKey::generate().verify_key();
    const auto b = crypto::SigningKey::generate().verify_key();
    ASSERT_TRUE(identity->put_it_keys(a.pem() + "\n" + b.pem()));
    EXPECT_EQ(identity->it_keys().value(), (std::vector{a, b}));
    EXPECT_FALSE(identity->put_it_keys("nonsense"));
    EXPECT_FALSE(identity->put_it_keys(crypto::SigningKey::generate().pem()));
    EXPECT_EQ(identity->it_keys().value().size(), 2U);
}

// A stolen console may send anything; the manager must be able to start again.
TEST_F(IdentityTest, keeps_nothing_that_it_could_not_read_again) {
    const auto identity = open();
    ASSERT_TRUE(identity->put(joined));
    const std::string long_text(1 << 20, ' ');
    (void)identity->note_time("2032-05-04T12:00:00Z" + long_text);
    EXPECT_FALSE(identity->put_certificate(joined.pin, long_text, "2032-05-04T12:00:00Z"));
    EXPECT_EQ(identity->membership(), joined);
    ASSERT_TRUE(identity->put_certificate(joined.pin, "bytes that are no text: \xff", ""));
    const auto again = Identity::open(folder / "uplink");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->membership()->known_time, joined.known_time);
}

TEST_F(IdentityTest, a_certificate_that_comes_late_from_the_former_console_is_not_kept) {
    const auto identity = open();
    ASSERT_TRUE(identity->put(joined));
    auto other = joined;
    other.pin = std::string(64, 'b');
    ASSERT_TRUE(identity->put(other));
    EXPECT_EQ(identity->put_certificate(joined.pin, "LATE", "").error().code, Code::conflict);
    ASSERT_TRUE(identity->put_certificate(other.pin, "NEW", ""));
    EXPECT_EQ(identity->membership()->certificate, "NEW");
}

TEST_F(IdentityTest, refuses_a_membership_that_names_no_console) {
    (void)open();
    ASSERT_TRUE(write_file_atomically(folder / "uplink/membership.json", "{\"gateway\": \"x\"}"));
    EXPECT_EQ(Identity::open(folder / "uplink").error().code, Code::corrupt);
}

TEST_F(IdentityTest, a_secret_opens_with_the_box_key_and_at_its_own_place_only) {
    (void)open();
    const auto made = open_box_key(folder / "uplink", nullptr).value();
    const auto again = open_box_key(folder / "uplink", nullptr).value();
    EXPECT_EQ(made.pair.public_key, again.pair.public_key);
    const auto context = secret_context("press-line-3", "robot-cell", "password");
    const auto box = crypto::seal_box(made.pair.public_key, context, "hunter2").value();
    EXPECT_EQ(crypto::open_box(again.pair, context, box, "spec").value(), "hunter2");
    EXPECT_FALSE(
        crypto::open_box(again.pair, secret_context("press-line-3", "press", "password"), box, "spec"));
}

// Seals by turning bytes around.
struct FakeTpm final : Attestor {
    std::string trust_anchor() const override { return "software"; }
    std::string ek_public() const override { return {}; }
    std::string ak_public() const override { return {}; }
    Result<std::string> ek_certificate() override { return std::string(); }
    Result<attestation::Quote> quote(std::string_view) override { return attestation::Quote(); }
    Result<std::string> activate(std::string_view, std::string_view) override { return std::string(); }
    Result<std::string> sign(std::string_view) override { return std::string("signed"); }
    Result<std::string> seal(std::string_view secret) override {
        return std::string(secret.rbegin(), secret.rend());
    }
    Result<std::string> unseal(std::string_view sealed) override {
        if (trouble) return fail(*trouble, "no");
        return std::string(sealed.rbegin(), sealed.rend());
    }
    std::optional<Code> trouble;
};

TEST_F(IdentityTest, a_tpm_that_is_busy_does_not_cost_the_key_of_secrets) {
    (void)open();
    FakeTpm tpm;
    const auto made = open_box_key(folder / "uplink", &tpm).value();
    for (const auto trouble : {Code::unavailable, Code::timeout, Code::io}) {
        tpm.trouble = trouble;
        EXPECT_EQ(open_box_key(folder / "uplink", &tpm).error().code, trouble);
    }
    tpm.trouble.reset();
    EXPECT_EQ(open_box_key(folder / "uplink", &tpm).value().pair.public_key, made.pair.public_key);
    EXPECT_EQ(open_box_key(folder / "uplink", nullptr).error().code, Code::unavailable);
    tpm.trouble = Code::refused;  // another TPM
    EXPECT_NE(open_box_key(folder / "uplink", &tpm).value().pair.public_key, made.pair.public_key);
}

// After a power cut a public half of another key must not be told to IT.
TEST_F(IdentityTest, the_halves_of_the_key_of_secrets_always_belong_together) {
    (void)open();
    (void)open_box_key(folder / "uplink", nullptr).value();
    ASSERT_TRUE(write_file_atomically(folder / "uplink/box.pub", std::string(32, 'p')));
    const auto key = open_box_key(folder / "uplink", nullptr).value();
    const auto box = crypto::seal_box(key.pair.public_key, "place", "hunter2").value();
    EXPECT_EQ(crypto::open_box(key.pair, "place", box, "spec").value(), "hunter2");
}

}  // namespace
}  // namespace bulkhead::uplink
