#include "attestation/verifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway_bed.hpp"

namespace bulkhead::attestation {
namespace {

using testing_support::GatewayBed;

std::string reason_of(const Verdict& verdict) {
    return verdict.finding ? verdict.finding->reason : std::string(to_string(verdict.status));
}

TEST(Verifier, trusts_a_gateway_and_its_guests_once_they_are_activated) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.start("historian");
    const Judgement first = bed.round();
    EXPECT_EQ(reason_of(first.host), "trusted");
    EXPECT_EQ(first.host.anchor, TrustAnchor::software);
    EXPECT_EQ(first.partitions.at("robot-cell").status, Status::unknown);
    EXPECT_EQ(first.activations.size(), 2U);
    const Judgement second = bed.round();
    EXPECT_EQ(reason_of(second.partitions.at("robot-cell")), "trusted");
    EXPECT_EQ(reason_of(second.partitions.at("historian")), "trusted");
    EXPECT_TRUE(second.activations.empty());
    EXPECT_EQ(second.known.records, 3U);
}

TEST(Verifier, goes_on_trusting_after_starts_stops_and_reboots) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    bed.stop("robot-cell");
    Judgement judgement = bed.round();
    EXPECT_EQ(reason_of(judgement.host), "trusted");
    EXPECT_EQ(reason_of(judgement.partitions.at("robot-cell")), "unknown");
    bed.start("robot-cell");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "trusted");
    bed.boot();
    bed.start("robot-cell");
    judgement = bed.round();
    EXPECT_EQ(reason_of(judgement.host), "trusted");
    EXPECT_EQ(reason_of(judgement.partitions.at("robot-cell")), "trusted");
    EXPECT_EQ(reason_of(judgement.partitions.at("historian")), "unknown");
}

TEST(Verifier, says_of_a_silent_guest_that_it_is_unknown) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    const auto challenge = bed.challenge();
    auto evidence = bed.answer(challenge);
    auto* guest = evidence.mutable_guests(0);
    guest->set_absent("no answer within 5 s");
    guest->clear_quote();
    bed.quote_host(evidence, challenge);
    const Judgement judgement = bed.judge(evidence, challenge);
    EXPECT_EQ(judgement.partitions.at("robot-cell").status, Status::unknown);
    EXPECT_EQ(reason_of(judgement.partitions.at("robot-cell")), "guest-absent");
    EXPECT_EQ(judgement.partitions.at("robot-cell").finding->seen, "no answer within 5 s");
}

TEST(Verifier, remembers_a_bounded_number_of_guests_and_those_that_run_first) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    for (std::size_t i = 0; i <= known_guest_limit; ++i) bed.known.guests[std::to_string(i)] = {};
    const Judgement judgement = bed.round();
    EXPECT_EQ(judgement.known.guests.size(), 1U);
    EXPECT_EQ(reason_of(judgement.partitions.at("robot-cell")), "trusted");
}

TEST(Verifier, takes_a_log_that_is_longer_than_what_was_quoted) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    const auto challenge = bed.challenge();
    auto evidence = bed.answer(challenge);
    bed.start("historian");
    evidence.set_log(bed.log);
    const Judgement judgement = bed.judge(evidence, challenge);
    EXPECT_EQ(reason_of(judgement.host), "trusted");
    EXPECT_EQ(reason_of(judgement.partitions.at("historian")), "unknown") << "it was not quoted yet";
    EXPECT_EQ(judgement.known.records, 2U);
}

TEST(Verifier, follows_a_policy_that_changed_under_a_running_partition) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    bed.spec.conduits.clear();
    const Judgement drifting = bed.round();
    EXPECT_EQ(reason_of(drifting.partitions.at("robot-cell")), "configuration-differs");
    EXPECT_EQ(drifting.partitions.at("robot-cell").finding->record, "1 PARTITION_START robot-cell");
    bed.measure(RecordType::net_change,
                {{"uuid", "uuid-robot-cell"},
                 {"partition", "robot-cell"},
                 {"switch_policy", spec_facts(bed.spec, bed.spec.partitions[0]).at("switch_policy")}});
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "trusted");
}

TEST(Verifier, follows_a_device_that_was_moved_under_a_running_partition) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    const auto move_to = [&](const std::string& at, const std::string& uuid = "uuid-robot-cell") {
        bed.measure(RecordType::device_change, {{"uuid", uuid},
                                                {"partition", "robot-cell"},
                                                {"places", places_fact({{model::DeviceName("arm"), at}})}});
    };
    bed.spec.devices[0].at = "/dev/serial/by-path/2";
    const Judgement unrecorded = bed.round();
    EXPECT_EQ(reason_of(unrecorded.partitions.at("robot-cell")), "configuration-differs");
    EXPECT_THAT(unrecorded.partitions.at("robot-cell").finding->text, testing::HasSubstr(": places"));
    move_to("/dev/serial/by-path/2", "uuid-historian");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "configuration-differs")
        << "it is on record of another partition";
    move_to("/dev/serial/by-path/2");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "trusted");
    move_to("/dev/serial/by-path/3");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "configuration-differs")
        << "it is on record, and IT did not sign it";
    bed.start("robot-cell");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "trusted") << "a start tells all anew";
}

// What the record tells is where a device is, not that it is one of the partition's.
TEST(Verifier, believes_no_move_of_a_device_that_the_start_did_not_have) {
    GatewayBed bed;
    bed.start("historian");
    bed.round();
    bed.spec.partitions[1].devices = bed.spec.partitions[0].devices;
    bed.measure(RecordType::device_change,
                {{"uuid", "uuid-historian"},
                 {"partition", "historian"},
                 {"places", spec_facts(bed.spec, bed.spec.partitions[1]).at("places")}});
    const Judgement judgement = bed.round();
    EXPECT_EQ(reason_of(judgement.partitions.at("historian")), "configuration-differs");
    EXPECT_THAT(judgement.partitions.at("historian").finding->text, testing::HasSubstr(": devices"));
}

// A spec that IT signed, on its way: conduits at once, memory with a start, a partition that comes and one
// that goes.
TEST(Verifier, trusts_a_gateway_on_its_way_from_one_signed_state_to_the_next) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.start("historian");
    bed.round();
    const model::Spec before = bed.spec;
    model::Spec after = before;
    after.conduits.clear();
    after.partitions[0].memory = Bytes{after.partitions[0].memory.count * 2};
    after.partitions.pop_back();
    const auto verdicts = [&](const model::Spec& in_force, std::vector<model::Spec> also) {
        bed.also_signed = std::move(also);
        bed.spec = in_force;
        const auto partitions = bed.round().partitions;
        return reason_of(partitions.at("robot-cell")) + " " + reason_of(partitions.at("historian"));
    };
    const auto change = [&] {
        bed.measure(RecordType::net_change,
                    {{"uuid", "uuid-robot-cell"},
                     {"partition", "robot-cell"},
                     {"switch_policy", spec_facts(after, after.partitions[0]).at("switch_policy")}});
    };
    EXPECT_EQ(verdicts(before, {after}), "trusted trusted") << "sent, and not begun";
    EXPECT_EQ(verdicts(after, {before}), "trusted trusted") << "in force, and not begun";
    change();
    EXPECT_EQ(verdicts(before, {after}), "trusted trusted") << "new conduits, old memory";
    EXPECT_EQ(verdicts(after, {before}), "trusted trusted");
    EXPECT_EQ(verdicts(before, {}), "configuration-differs trusted") << "it is not on its way";
    EXPECT_EQ(verdicts(after, {}), "configuration-differs guest-not-signed");
    bed.spec = after;
    bed.start("robot-cell");
    EXPECT_EQ(verdicts(before, {after}), "trusted trusted");
    bed.stop("historian");
    EXPECT_EQ(verdicts(after, {before}), "trusted unknown");
    EXPECT_EQ(reason_of(bed.round().partitions.at("robot-cell")), "trusted");
}

TEST(Verifier, takes_no_start_that_is_half_of_one_signed_state_and_half_of_another) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    const model::Spec before = bed.spec;
    model::Spec after = before;
    after.partitions[0].memory = Bytes{after.partitions[0].memory.count * 2};
    after.partitions[0].devices.clear();
    bed.also_signed = {after};
    bed.altered = {{"limits", spec_facts(after, after.partitions[0]).at("limits")}};
    bed.start("robot-cell");
    const auto finding = bed.round().partitions.at("robot-cell").finding;
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->reason, "configuration-differs");
    EXPECT_EQ(finding->expected, spec_facts(before, before.partitions[0]).at("limits"))
        << "it is held against the state in force";
}

TEST(Verifier, asks_for_firmware_only_where_there_is_some) {
    GatewayBed bed;
    EXPECT_EQ(reason_of(bed.round().host), "trusted") << "a software TPM has nothing in PCR 0";
    bed.known.anchor = TrustAnchor::hardware;
    const Judgement judgement = bed.round();
    EXPECT_EQ(reason_of(judgement.host), "firmware-not-measured");
    EXPECT_EQ(judgement.host.finding->pcr, "0");
    bed.boot();
    ASSERT_TRUE(bed.host->extend(0, std::string(32, 'f')));
    EXPECT_EQ(reason_of(bed.round().host), "trusted");
}

TEST(Verifier, forgets_nothing_and_learns_nothing_from_an_untrusted_host) {
    GatewayBed bed;
    bed.start("robot-cell");
    bed.round();
    bed.round();
    const KnownHost before = bed.known;
    const auto challenge = bed.challenge();
    auto evidence = bed.answer(challenge);
    evidence.mutable_host()->mutable_signature()->back() ^= '\1';
    const Judgement judgement = bed.judge(evidence, challenge);
    EXPECT_EQ(judgement.known, before);
    EXPECT_EQ(reason_of(judgement.partitions.at("robot-cell")), "host-untrusted");
    EXPECT_EQ(reason_of(judgement.partitions.at("historian")), "host-untrusted");
    EXPECT_TRUE(judgement.activations.empty());
}

}  // namespace
}  // namespace bulkhead::attestation
