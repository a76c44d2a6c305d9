// What a host may send that is wrong: each has its own reason.
#include <gtest/gtest.h>

#include "attestation/log_reader.hpp"
#include "attestation/verifier.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/signature.hpp"
#include "gateway_bed.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Challenge;
using attest::v1::Evidence;
using testing_support::digest_of;
using testing_support::GatewayBed;

void flip(std::string* bytes, std::size_t at) {
    bytes->at(at) = static_cast<char>(bytes->at(at) ^ 1);
}

// A gateway with one running and activated partition.
class HostEvidence : public testing::Test {
  protected:
    void SetUp() override {
        bed.start("robot-cell");
        bed.round();
        challenge = bed.challenge();
        evidence = bed.answer(challenge);
        ASSERT_EQ(reason(), "");
    }
    std::string reason() {
        const Judgement judgement = bed.judge(evidence, challenge);
        EXPECT_EQ(judgement.host.status == Status::trusted, !judgement.host.finding.has_value());
        return judgement.host.finding ? judgement.host.finding->reason : "";
    }
    void answer_anew() {
        challenge = bed.challenge();
        evidence = bed.answer(challenge);
    }
    std::vector<Record> records() { return read_log(bed.log).value(); }
    static std::string encoded(const std::vector<Record>& records) {
        std::string log;
        for (const Record& record : records) log += encode_record(record);
        return log;
    }

    GatewayBed bed;
    Challenge challenge;
    Evidence evidence;
};

TEST_F(HostEvidence, with_a_replayed_nonce) {
    challenge = bed.challenge();
    EXPECT_EQ(reason(), "nonce-replayed");
    evidence.set_round(challenge.round());
    evidence.set_nonce(challenge.nonce());
    EXPECT_EQ(reason(), "qualifying-differs") << "if it lies about it";
    evidence.clear_nonce();
    evidence.clear_root();
    EXPECT_EQ(reason(), "qualifying-differs");
}

TEST_F(HostEvidence, of_another_round) {
    evidence.set_round(evidence.round() + 1);
    EXPECT_EQ(reason(), "round-differs");
}

TEST_F(HostEvidence, relayed_through_another_gateways_line) {
    bed.known.tls_public_key = "another TLS key";
    EXPECT_EQ(reason(), "qualifying-differs");
}

TEST_F(HostEvidence, of_another_gateway) {
    bed.known.gateway = "press-line-4";
    EXPECT_EQ(reason(), "qualifying-differs");
}

TEST_F(HostEvidence, without_a_quote) {
    evidence.clear_host();
    EXPECT_EQ(reason(), "quote-missing");
}

TEST_F(HostEvidence, with_half_a_quote) {
    evidence.mutable_host()->mutable_attest()->pop_back();
    EXPECT_EQ(reason(), "quote-malformed");
}

TEST_F(HostEvidence, whose_magic_is_another) {
    flip(evidence.mutable_host()->mutable_attest(), 0);
    EXPECT_EQ(reason(), "not-tpm-generated");
    // A restricted key would sign this if its TPM hashed it: only the magic tells it from a quote.
    const std::string forged = "\xde\xad\xbe\xef" + evidence.host().attest().substr(4);
    evidence.mutable_host()->set_attest(forged);
    evidence.mutable_host()->set_signature(bed.host->sign(forged).value());
    EXPECT_EQ(reason(), "not-tpm-generated");
}

TEST_F(HostEvidence, whose_type_is_another) {
    flip(evidence.mutable_host()->mutable_attest(), 5);
    EXPECT_EQ(reason(), "not-a-quote");
}

TEST_F(HostEvidence, signed_by_another_tpms_key) {
    GatewayBed other;
    other.spec.gateway = bed.spec.gateway;
    other.quote_host(evidence, challenge);
    EXPECT_EQ(reason(), "signature-invalid");
}

TEST_F(HostEvidence, of_a_key_of_software) {
    wire::PublicArea area = wire::parse_public(bed.known.ak_public).value();
    area.attributes = wire::user_with_auth | wire::sign_encrypt;
    bed.known.ak_public = wire::encode_public(area);
    EXPECT_EQ(reason(), "ak-template");
}

TEST_F(HostEvidence, with_another_signature_scheme_hash_or_number) {
    const wire::Signature right = wire::parse_signature(evidence.host().signature()).value();
    wire::Signature wrong = right;
    wrong.hash = wire::alg_sha1;
    evidence.mutable_host()->set_signature(wire::encode_signature(wrong));
    EXPECT_EQ(reason(), "signature-algorithm");
    wrong = right;
    wrong.scheme = 0x0014;  // RSASSA
    evidence.mutable_host()->set_signature(wire::encode_signature(wrong));
    EXPECT_EQ(reason(), "signature-algorithm");
    wrong = right;
    wrong.r = std::string(32, '\0');
    evidence.mutable_host()->set_signature(wire::encode_signature(wrong));
    EXPECT_EQ(reason(), "signature-invalid");
    wrong = right;
    wrong.s = std::string(32, '\xff');
    evidence.mutable_host()->set_signature(wire::encode_signature(wrong));
    EXPECT_EQ(reason(), "signature-invalid");
}

TEST_F(HostEvidence, over_other_pcrs_than_were_asked_for) {
    Challenge smaller = challenge;
    smaller.clear_host_pcrs();
    smaller.add_host_pcrs(13);
    bed.quote_host(evidence, smaller);
    EXPECT_EQ(reason(), "pcr-selection");
    challenge.clear_host_pcrs();
    evidence = bed.answer(challenge);
    EXPECT_EQ(reason(), "pcr-selection") << "an empty selection compares nothing";
}

TEST_F(HostEvidence, whose_pcr_values_are_not_those_quoted) {
    flip(evidence.mutable_host()->mutable_pcrs(1)->mutable_value(), 0);
    EXPECT_EQ(reason(), "pcr-digest");
    evidence = bed.answer(challenge);
    evidence.mutable_host()->mutable_pcrs()->RemoveLast();
    EXPECT_EQ(reason(), "pcr-digest");
}

TEST_F(HostEvidence, without_a_log) {
    evidence.clear_log();
    EXPECT_EQ(reason(), "log-missing");
}

TEST_F(HostEvidence, with_a_truncated_log) {
    evidence.set_log(encoded({records()[0]}));
    EXPECT_EQ(reason(), "log-truncated");
    bed.known.records = 0;
    EXPECT_EQ(reason(), "log-not-quoted") << "in a first round";
    evidence.set_log(bed.log.substr(0, bed.log.size() - 1));
    EXPECT_EQ(reason(), "log-malformed");
}

TEST_F(HostEvidence, with_a_forged_record) {
    std::string log = bed.log;
    log[log.find(digest_of("kernel"))] = '0';
    evidence.set_log(log);
    EXPECT_EQ(reason(), "record-forged");
    auto forged = records();
    forged[1].facts["kernel"] = digest_of("evil kernel");
    evidence.set_log(encoded(forged));
    EXPECT_EQ(reason(), "log-rewritten") << "if its digest fits";
}

TEST_F(HostEvidence, with_a_record_of_an_earlier_boot) {
    bed.boot();
    const Record earlier = read_log(evidence.log()).value()[1];
    bed.log += encode_record(earlier);
    answer_anew();
    EXPECT_EQ(reason(), "record-of-other-boot");
}

TEST_F(HostEvidence, with_the_whole_log_of_an_earlier_boot) {
    const std::string earlier = bed.log;
    bed.boot();
    answer_anew();
    evidence.set_log(earlier);
    EXPECT_EQ(reason(), "boot-id-differs");
}

TEST_F(HostEvidence, whose_pcr_was_extended_outside_the_log) {
    ASSERT_TRUE(bed.host->extend(13, std::string(32, 'x')));
    answer_anew();
    EXPECT_EQ(reason(), "pcr-extended-outside");
    bed.known.boot_id.clear();
    EXPECT_EQ(reason(), "log-not-quoted") << "in a first round";
}

TEST_F(HostEvidence, with_no_measured_boot) {
    bed.boot();
    bed.host.reset();
    bed.host_state.restart();
    bed.host = HostTpm::open(bed.host_state.tcti()).value();
    answer_anew();
    EXPECT_EQ(reason(), "boot-not-measured");
}

TEST_F(HostEvidence, whose_tpm_was_reset_within_a_boot) {
    bed.host.reset();
    bed.host_state.restart();
    bed.host = HostTpm::open(bed.host_state.tcti()).value();
    for (const Record& record : records())  // as somebody would who wants to hide it
        ASSERT_TRUE(bed.host->extend(13, content_digest(encode_content(record))));
    answer_anew();
    EXPECT_EQ(reason(), "reset-within-boot");
    bed.known.boot_id.clear();
    EXPECT_EQ(reason(), "boot-record-stale") << "in a first round";
}

TEST_F(HostEvidence, that_claims_a_boot_without_a_reset) {
    bed.known.boot_id = "an earlier one";
    EXPECT_EQ(reason(), "boot-without-reset");
}

TEST_F(HostEvidence, whose_tpm_went_back) {
    bed.known.counters.clock += 1'000'000;
    EXPECT_EQ(reason(), "counters-back");
    bed.known.boot_id = "an earlier one";
    bed.known.counters.reset_count += 5;
    EXPECT_EQ(reason(), "counters-back");
}

TEST_F(HostEvidence, whose_host_tpm_state_was_restored) {
    const testing_support::TemporaryFolder saved;
    std::filesystem::copy(bed.host_state.state(), saved.path(), std::filesystem::copy_options::recursive);
    bed.boot();
    bed.boot();
    bed.round();
    bed.host.reset();
    bed.host_state.stop();
    bed.host_state.replace_state(saved.path());
    bed.boot();
    answer_anew();
    EXPECT_EQ(reason(), "counters-back");
}

TEST_F(HostEvidence, of_a_host_that_runs_something_else) {
    bed.boot();
    const auto with_fact = [&](const std::string& name, const std::string& value) {
        bed.host.reset();
        bed.host_state.restart();
        bed.host = HostTpm::open(bed.host_state.tcti()).value();
        auto facts = records()[0].facts;
        facts["reset_count"] = std::to_string(std::stoi(facts["reset_count"]) + 1);
        facts[name] = value;
        bed.boot_id += "+";
        bed.log.clear();
        bed.records = 0;
        bed.measure(RecordType::boot, facts);
        answer_anew();
    };
    with_fact("bulkheadd", digest_of("next bulkheadd"));
    EXPECT_EQ(reason(), "") << "an update that IT allows beside the old one";
    with_fact("bulkheadd", digest_of("evil bulkheadd"));
    EXPECT_EQ(reason(), "host-differs");
    const Finding finding = *bed.judge(evidence, challenge).host.finding;
    EXPECT_EQ(finding.record, "0 BOOT");
    EXPECT_EQ(finding.seen, digest_of("evil bulkheadd"));
}

TEST_F(HostEvidence, that_nothing_was_signed_for) {
    const References none;
    const auto judgement = verify(evidence, {.challenge = challenge,
                                             .known = bed.known,
                                             .states = {{bed.spec, none}},
                                             .held_elsewhere = bed.held_elsewhere});
    EXPECT_EQ(judgement.host.finding->reason, "no-reference");
}

TEST_F(HostEvidence, with_a_leaf_that_was_changed_left_out_or_doubled_after_the_quote) {
    const Evidence right = evidence;
    evidence.mutable_guests(0)->set_start_number(7);
    EXPECT_EQ(reason(), "leaf-wrong");
    evidence = right;
    evidence.clear_guests();
    EXPECT_EQ(reason(), "leaf-wrong");
    evidence = right;
    *evidence.add_guests() = right.guests(0);
    EXPECT_EQ(reason(), "guest-twice");
    for (int i = 0; i < 100; ++i) evidence.add_guests()->set_uuid(std::to_string(i));
    EXPECT_EQ(reason(), "guests-too-many");
}

TEST_F(HostEvidence, with_more_starts_than_a_gateway_can_have) {
    for (int i = 0; i < 100; ++i)
        bed.measure(RecordType::partition_start,
                    {{"uuid", std::to_string(i)}, {"partition", "p" + std::to_string(i)}});
    answer_anew();
    EXPECT_EQ(reason(), "guests-too-many");
}

}  // namespace
}  // namespace bulkhead::attestation
