#include "partition-manager/uplink/desired_check.hpp"

#include <gmock/gmock.h>

namespace bulkhead::uplink {
namespace {

using testing::HasSubstr;

struct DesiredCheck : testing::Test {
    std::string sign(const std::string& gateway, std::uint64_t generation,
                     const crypto::SigningKey& by) const {
        spec::Desired desired;
        desired.gateway = model::GatewayName(gateway);
        desired.generation = generation;
        desired.document = "apiVersion: bulkhead/v1alpha1\n";
        desired.document_name = "factory.yaml";
        desired.references = "{}";
        desired.signed_at = "2031-05-04T12:00:00Z";
        return spec::sign_desired(desired, by);
    }
    auto check(const std::string& envelope, std::uint64_t in_force = 6) const {
        return check_desired(envelope, trusted, "press-line-3", in_force, "signed.json");
    }
    const crypto::SigningKey it = crypto::SigningKey::generate();
    const crypto::SigningKey other = crypto::SigningKey::generate();
    const std::vector<crypto::VerifyKey> trusted{it.verify_key()};
};

TEST_F(DesiredCheck, takes_a_new_generation_by_its_own_key_and_names_the_key) {
    const auto accepted = check(sign("press-line-3", 7, it));
    ASSERT_TRUE(accepted) << accepted.error().text();
    EXPECT_EQ(accepted->desired.generation, 7U);
    EXPECT_EQ(accepted->signer, it.verify_key().id());
}

TEST_F(DesiredCheck, refuses_an_old_generation_played_again) {
    for (const std::uint64_t old : {5U, 6U}) {
        const auto refused = check(sign("press-line-3", old, it));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::conflict);
        EXPECT_THAT(refused.error().text(), HasSubstr("--generation 7"));
    }
}

TEST_F(DesiredCheck, refuses_another_gateways) {
    const auto refused = check(sign("press-line-4", 7, it));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("press-line-4"));
}

TEST_F(DesiredCheck, refuses_a_key_that_is_not_its_own) {
    EXPECT_FALSE(check(sign("press-line-3", 7, other)));
    EXPECT_EQ(check_desired(sign("press-line-3", 7, it), {}, "press-line-3", 6, "x").error().code,
              Code::refused);
}

TEST_F(DesiredCheck, refuses_each_altered_byte_of_the_payload) {
    const std::string envelope = sign("press-line-3", 7, it);
    const auto payload = envelope.find("\"payload\"");
    ASSERT_NE(payload, std::string::npos);
    for (std::size_t i = payload + 14; i < payload + 60; ++i) {
        std::string altered = envelope;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        if (altered == envelope) continue;
        EXPECT_FALSE(check(altered)) << i;
    }
}

TEST_F(DesiredCheck, knows_an_envelope_from_yaml) {
    EXPECT_TRUE(is_envelope(" \n" + sign("press-line-3", 7, it)));
    EXPECT_FALSE(is_envelope("{\"apiVersion\": \"bulkhead/v1alpha1\"}"));
    EXPECT_FALSE(is_envelope("apiVersion: bulkhead/v1alpha1"));
    EXPECT_FALSE(is_envelope(""));
}

}  // namespace
}  // namespace bulkhead::uplink
