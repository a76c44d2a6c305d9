#include "partition-manager/daemon/secrets.hpp"

#include <gtest/gtest.h>

#include "crypto/encoding.hpp"
#include "crypto/sealed_box.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;
using Values = Secrets::Values;

class HandClock final : public Clock {
  public:
    MonotonicTime monotonic() const override { return now; }
    UtcTime utc() const override { return {}; }
    MonotonicTime now{};
};

// One partition whose application has a secret that was sealed for it.
struct SecretsTest : testing::Test {
    SecretsTest() {
        secrets.open_key();
        spec.gateway = model::GatewayName("press-line-3");
        model::Application application;
        application.secrets["token"] = sealed("press-line-3/press/token");
        press.name = model::PartitionName("press");
        press.application = application;
    }

    std::string sealed(const std::string& place) {
        const auto key = uplink::open_box_key(identity->folder(), nullptr).value().pair.public_key;
        return crypto::to_base64(crypto::seal_box(key, place, "hunter2").value());
    }

    void judge(const std::string& word, std::uint64_t proved) {
        v1alpha1::AttestationResults said;
        auto& item = *said.add_items();
        item.set_partition("press");
        item.set_attestation(word);
        item.set_start_number(proved);
        results.set(said);
    }

    apply::Folder folder;
    HandClock clock;
    std::unique_ptr<uplink::Identity> identity = uplink::Identity::open(folder / "uplink").value();
    trust::Results results{clock};
    std::uint64_t start = 4;
    Secrets secrets{*identity, nullptr, results, [this](const model::PartitionName&) { return start; }};
    model::Spec spec;
    model::Partition press;
};

TEST_F(SecretsTest, are_given_to_the_start_that_was_proved) {
    judge("trusted", 4);
    EXPECT_EQ(secrets.of(spec, press), (Values{{"token", "hunter2"}}));
}

TEST_F(SecretsTest, are_not_given_to_a_later_start_on_the_word_about_an_earlier_one) {
    judge("trusted", 4);
    start = 5;
    EXPECT_EQ(secrets.of(spec, press), std::nullopt);
    judge("trusted", 5);
    EXPECT_EQ(secrets.of(spec, press), (Values{{"token", "hunter2"}}));
}

TEST_F(SecretsTest, are_not_given_where_no_start_was_measured) {
    start = 0;
    judge("trusted", 0);
    EXPECT_EQ(secrets.of(spec, press), std::nullopt);
}

TEST_F(SecretsTest, are_taken_back_from_an_untrusted_partition_however_old_the_word_is) {
    judge("untrusted", 0);
    EXPECT_EQ(secrets.of(spec, press), Values());
    clock.now += 24h;
    EXPECT_EQ(secrets.of(spec, press), Values());
}

TEST_F(SecretsTest, stay_as_they_are_while_nobody_knows) {
    EXPECT_EQ(secrets.of(spec, press), std::nullopt) << "never judged";
    judge("unknown", 0);
    EXPECT_EQ(secrets.of(spec, press), std::nullopt);
    judge("trusted", 4);
    clock.now += 1h;
    ASSERT_EQ(results.view("press").attestation(), "stale");
    EXPECT_EQ(secrets.of(spec, press), std::nullopt) << "a line that is down takes nothing back";
}

TEST_F(SecretsTest, that_were_sealed_for_another_partition_are_left_out) {
    press.application->secrets["other"] = sealed("press-line-3/robot-cell/other");
    judge("trusted", 4);
    EXPECT_EQ(secrets.of(spec, press), (Values{{"token", "hunter2"}}));
}

TEST_F(SecretsTest, that_left_the_spec_are_taken_back) {
    press.application->secrets.clear();
    EXPECT_EQ(secrets.of(spec, press), Values());
}

}  // namespace
}  // namespace bulkhead::daemon
