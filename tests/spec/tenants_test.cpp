#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

TEST(Tenants, refuses_a_quota_exceeded_and_says_by_whom) {
    EXPECT_EQ(
        told("cpus: 2, memory: 512MiB", "cpus: 1, memory: 128MiB"),
        "f.yaml:5:32: tenant 'acme' uses 2 cpus (robot-cell 2), its quota is 1; raise the quota, or use "
        "less\n"
        "f.yaml:5:43: tenant 'acme' uses 192MiB memory (robot-cell 192MiB), its quota is 128MiB; raise the "
        "quota, or use less");
    EXPECT_EQ(
        told("disk: 1GiB", "disk: 71MiB"),
        "f.yaml:5:57: tenant 'acme' uses 72MiB disk (robot-cell 72MiB), its quota is 71MiB; raise the quota, "
        "or use less");
    EXPECT_EQ(told("partitions: 1}", "partitions: 0}"),
              "f.yaml:6:61: tenant 'it' uses 1 partitions (it-admin), its quota is 0; raise the quota, or "
              "use less");
}

TEST(Tenants, takes_keys_that_sign_bundles_and_refuses_what_is_none) {
    const std::string key = "ed25519:zRjFoE4WL21cuJHdcfizTX/McfQw7h4D7/KOcxNs1dE=";
    const auto with = [](const std::string& keys) {
        return edited({{"partitions: 2}}", "partitions: 2}, keys: [" + keys + "]}"}});
    };
    const auto spec = read_spec(with(key), "f.yaml");
    ASSERT_TRUE(spec) << spec.error().front().text();
    ASSERT_EQ(spec->tenants[0].keys.size(), 1U);
    EXPECT_EQ(spec->tenants[0].keys[0].size(), 32U);
    const auto refusal = [&](const std::string& keys) {
        const auto read = read_spec(with(keys), "f.yaml");
        return read ? "accepted" : read.error().front().text();
    };
    EXPECT_EQ(
        refusal("ed25519:AAAA"),
        "f.yaml:5:86: 'ed25519:AAAA' is no public key; wanted ed25519: and 44 characters of base64; bulkhead "
        "key show NAME.pub prints it");
    EXPECT_NE(refusal(key.substr(8)).find("is no public key"), std::string::npos);
    EXPECT_NE(refusal(key + ", " + key).find("is there twice"), std::string::npos);
}

TEST(Tenants, lets_a_tenant_without_a_quota_use_nothing) {
    EXPECT_EQ(told(", quota: {cpus: 1, memory: 512MiB, partitions: 1}", "").substr(0, 67),
              "f.yaml:6:5: tenant 'it' uses 1 cpus (it-admin 1), its quota is 0; r");
}

TEST(Tenants, does_not_complain_twice_of_a_quota_that_it_could_not_read) {
    EXPECT_EQ(
        told("memory: 512MiB", "memory: 512"),
        "f.yaml:5:43: '512' has no unit; wanted a whole number with a unit KiB, MiB, GiB or TiB, such as "
        "512MiB");
}

TEST(Tenants, refuses_a_name_that_is_there_twice_with_both_places) {
    EXPECT_EQ(told("  - {name: it,", "  - {name: acme}\n  - {name: it,"),
              "f.yaml:6:12: tenant 'acme' is there twice; rename it here or at f.yaml:5:12");
}

TEST(Tenants, refuses_a_name_that_is_no_label_and_suggests_one) {
    EXPECT_EQ(
        told({{"name: acme,", "name: Acme_Robots,"},
              {"tenant: acme, subnet", "tenant: Acme_Robots, subnet"},
              {"tenant: acme\n", "tenant: Acme_Robots\n"}}),
        "f.yaml:5:12: 'Acme_Robots' is not a name; wanted a DNS label: at most 63 of a-z, 0-9 and '-', a "
        "letter or digit at both ends; write acme-robots");
}

TEST(Tenants, refuses_more_than_the_bound) {
    std::string many = "tenants:\n";
    for (int i = 0; i < 65; ++i) many += "  - {name: t" + std::to_string(i) + "}\n";
    EXPECT_EQ(told("tenants:\n", many).substr(0, 54),
              "f.yaml:5:3: 67 tenants are too many; wanted at most 64");
}

}  // namespace
}  // namespace bulkhead::spec
