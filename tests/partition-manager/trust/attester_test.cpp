// Evidence while partitions start and stop, in a log over a real TPM, as the console's verifier judges it.
#include "partition-manager/trust/attester.hpp"

#include "attestation/verifier.hpp"
#include "base/clock.hpp"
#include "tests/partition-manager/trust/tpm_host.hpp"

namespace bulkhead::trust {
namespace {

const std::string tls_key = "a DER";

class Round : public TpmHost {
  protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(TpmHost::SetUp());
        spec_.gateway = model::GatewayName("press-line-3");
        spec_.tenants = {{model::TenantName("acme"), {}}};
        model::Partition partition;
        partition.name = press;
        partition.tenant = model::TenantName("acme");
        partition.image = model::ImageName("partition-base");
        spec_.partitions = {partition};
        log_ =
            *MeasurementLog::open(*database_, *host_, boot_id(), *boot_facts(*host_),
                                  [](const std::string&, const std::string& text) { ADD_FAILURE() << text; });
        measurer_ = *Measurer::open(
            {*database_, *log_, *vtpms_, [](const std::filesystem::path&) { return std::string(64, 'd'); },
             "/usr/bin/swtpm", [this] { return std::make_shared<const model::Spec>(spec_); }});
    }
    static model::MachineFacts facts() {
        model::MachineFacts facts;
        facts.partition = press;
        facts.uid = uid;
        facts.tpm = true;
        return facts;
    }
    void start() {
        const auto started = measurer_->before_start(facts());
        ASSERT_TRUE(started) << started.error().text();
    }
    void stop() { measurer_->follow({}); }
    // Evidence of a round in which something happens when the guests have answered, or when the host has
    // quoted.
    attest::v1::Evidence collect(
        const std::function<void()>& answered, const std::function<void()>& quoted = [] {}) {
        challenge_.set_round(1);
        challenge_.set_nonce(std::string(32, 'n'));
        challenge_.add_host_pcrs(attestation::measurement_pcr);
        challenge_.add_guest_pcrs(0);
        const auto loop = *Loop::open();
        const auto nobody = [](const auto&, const auto&, const auto&) {
            return fail(Code::unavailable, "no agent");
        };
        Attester attester({*loop,
                           host_->ak_name(),
                           [&](auto qualifying, const auto& pcrs) {
                               auto quote = host_->quote(qualifying, pcrs);
                               quoted();
                               return quote;
                           },
                           *log_,
                           *measurer_,
                           nobody,
                           nobody,
                           [&](const std::function<void()>& work) {
                               answered();
                               work();
                               loop->stop();
                           },
                           {}});
        attest::v1::Evidence evidence;
        attester.collect(challenge_, "press-line-3", tls_key, [&](Result<attest::v1::Evidence> collected) {
            ASSERT_TRUE(collected) << collected.error().text();
            evidence = *std::move(collected);
        });
        EXPECT_TRUE(loop->run());
        return evidence;
    }
    // What the console says of the host and of the press.
    std::string judged(const attest::v1::Evidence& evidence) const {
        attestation::KnownHost known;
        known.gateway = "press-line-3";
        known.ak_public = host_->ak_public();
        known.tls_public_key = tls_key;
        const auto references = measurer_->references({facts()}, spec_).value();
        const std::map<std::string, std::string> nowhere;
        const auto judgement =
            attestation::verify(evidence, {challenge_, known, {{spec_, references}}, nowhere});
        const auto told = [](const attestation::Verdict& verdict) {
            return std::string(to_string(verdict.status)) +
                   (verdict.finding ? " " + verdict.finding->reason : "");
        };
        return told(judgement.host) + ", " + told(judgement.partitions.at("press"));
    }

    model::Spec spec_;
    std::unique_ptr<MeasurementLog> log_;
    std::unique_ptr<Measurer> measurer_;
    attest::v1::Challenge challenge_;
};

TEST_F(Round, believes_nobody_who_did_not_answer) {
    start();
    const auto evidence = collect([] {});
    ASSERT_EQ(evidence.guests_size(), 1);
    EXPECT_EQ(evidence.guests(0).absent(), "no agent");
    EXPECT_EQ(judged(evidence), "trusted, unknown guest-absent");
}

// It is in the log that is quoted, and was not there to be asked.
TEST_F(Round, in_which_a_partition_starts_is_no_alarm) {
    const auto evidence = collect([this] { start(); });
    ASSERT_EQ(evidence.guests_size(), 1);
    EXPECT_EQ(evidence.guests(0).partition(), "press");
    EXPECT_EQ(judged(evidence), "trusted, unknown guest-absent");
}

TEST_F(Round, in_which_a_partition_stops_is_no_alarm) {
    start();
    const auto evidence = collect([this] { stop(); });
    EXPECT_EQ(evidence.guests_size(), 0);
    EXPECT_EQ(judged(evidence), "trusted, unknown");
}

// The quote is of the log before that, and of whoever ran by it.
TEST_F(Round, in_which_a_partition_starts_after_the_quote_has_another_quote) {
    int quotes = 0;
    const auto evidence = collect([] {},
                                  [&] {
                                      if (++quotes == 1) start();
                                  });
    EXPECT_EQ(quotes, 2);
    ASSERT_EQ(evidence.guests_size(), 1);
    EXPECT_EQ(judged(evidence), "trusted, unknown guest-absent");
}

TEST_F(Round, in_which_the_log_never_comes_to_rest_ends) {
    int quotes = 0;
    const auto evidence = collect([] {}, [&] { ++quotes % 2 == 1 ? start() : stop(); });
    EXPECT_EQ(quotes, 3);
    EXPECT_EQ(judged(evidence), "trusted, unknown");
}

// Silence is no alarm: what is wrong with a log must reach who can say so.
TEST_F(Round, sends_a_log_that_is_too_large_and_it_is_an_alarm) {
    start();
    MeasurementLog::Facts facts;
    for (int i = 0; i < 60; ++i) facts["fact " + std::to_string(i)] = std::string(1000, 'x');
    for (std::size_t size = 0; size <= 1'048'576; size += 60'000)
        ASSERT_TRUE(log_->append(attestation::RecordType::net_change, facts));
    const auto evidence = collect([] {});
    EXPECT_EQ(evidence.guests_size(), 1);
    EXPECT_EQ(judged(evidence), "untrusted log-too-large, untrusted host-untrusted");
}

}  // namespace
}  // namespace bulkhead::trust
