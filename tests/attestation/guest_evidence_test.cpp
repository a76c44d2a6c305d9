// What a guest, or a host on its behalf, may send that is wrong. The host itself stays trusted: a failure is
// the guest's.
#include <gtest/gtest.h>

#include "attestation/credential.hpp"
#include "attestation/log_reader.hpp"
#include "attestation/verifier.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "crypto/encoding.hpp"
#include "gateway_bed.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Challenge;
using attest::v1::Evidence;
using attest::v1::GuestEvidence;
using testing_support::BedGuest;
using testing_support::digest_of;
using testing_support::GatewayBed;

// Two running and activated partitions.
class GuestEvidenceOf : public testing::Test {
  protected:
    void SetUp() override {
        bed.start("robot-cell");
        bed.start("historian");
        bed.round();
        ASSERT_EQ(reason_after([](Evidence&) {}), "");
    }
    // The reason of robot-cell after a round whose evidence was changed before the host quoted it.
    template <class Change>
    std::string reason_after(Change change) {
        challenge = bed.challenge();
        Evidence evidence = bed.answer(challenge);
        change(evidence);
        bed.quote_host(evidence, challenge);
        judgement = bed.judge(evidence, challenge);
        EXPECT_EQ(judgement.host.status, Status::trusted)
            << (judgement.host.finding ? judgement.host.finding->reason : "");
        const Verdict& verdict = judgement.partitions.at("robot-cell");
        return verdict.finding ? verdict.finding->reason : "";
    }
    static GuestEvidence* of(Evidence& evidence, const std::string& partition) {
        for (auto& guest : *evidence.mutable_guests())
            if (guest.partition() == partition) return &guest;
        return nullptr;
    }
    static void restart_vtpm(BedGuest& guest) {
        guest.tpm.reset();
        guest.state.restart();
        guest.tpm = GuestTpm::open(guest.state.connect()).value();
    }

    GatewayBed bed;
    Challenge challenge;
    Judgement judgement;
};

TEST_F(GuestEvidenceOf, a_guest_that_is_left_out) {
    EXPECT_EQ(reason_after([](Evidence& evidence) {
                  auto* guests = evidence.mutable_guests();
                  guests->SwapElements(1, guests->Get(0).partition() == "robot-cell" ? 0 : 1);
                  guests->RemoveLast();
              }),
              "guest-omitted");
    EXPECT_EQ(judgement.partitions.at("historian").status, Status::trusted) << "the others go on";
}

TEST_F(GuestEvidenceOf, a_quote_of_another_round) {
    const Challenge earlier = bed.challenge();
    const GuestEvidence old = bed.answer_of(bed.guest("robot-cell"), earlier);
    EXPECT_EQ(reason_after([&](Evidence& evidence) { *of(evidence, "robot-cell") = old; }),
              "qualifying-differs");
}

TEST_F(GuestEvidenceOf, no_quote) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) { of(evidence, "robot-cell")->clear_quote(); }),
              "quote-missing");
}

TEST_F(GuestEvidenceOf, pcr_values_that_were_not_quoted) {
    EXPECT_EQ(
        reason_after([&](Evidence& evidence) {
            of(evidence, "robot-cell")->mutable_quote()->mutable_pcrs(0)->set_value(std::string(32, 'x'));
        }),
        "pcr-digest");
}

TEST_F(GuestEvidenceOf, another_guests_vtpm) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  const GuestEvidence other = *of(evidence, "historian");
                  GuestEvidence* mine = of(evidence, "robot-cell");
                  mine->set_ek_public(other.ek_public());
                  mine->set_ak_public(other.ak_public());
                  *mine->mutable_quote() = other.quote();
                  *mine->mutable_endorsement() = other.endorsement();
              }),
              "vtpm-differs");
}

TEST_F(GuestEvidenceOf, another_guests_attestation_key_behind_its_own_endorsement_key) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  BedGuest& other = bed.guest("historian");
                  const std::string qualifying = guest_qualifying(challenge.nonce(), "uuid-robot-cell",
                                                                  name_of(bed.host->ak_public()).value(), 1);
                  GuestEvidence* mine = of(evidence, "robot-cell");
                  mine->set_ak_public(other.tpm->ak_public());
                  *mine->mutable_quote() =
                      testing_support::to_proto(other.tpm->quote(qualifying, {0, 8}).value());
              }),
              "guest-ak-changed");
}

TEST_F(GuestEvidenceOf, an_attestation_key_of_software) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  GuestEvidence* mine = of(evidence, "robot-cell");
                  wire::PublicArea area = wire::parse_public(mine->ak_public()).value();
                  area.attributes &= ~wire::restricted;
                  mine->set_ak_public(wire::encode_public(area));
              }),
              "ak-template");
}

TEST_F(GuestEvidenceOf, an_endorsement_by_another_host) {
    GatewayBed other("press-line-4");
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  auto* endorsement = of(evidence, "robot-cell")->mutable_endorsement();
                  endorsement->set_host_ak_name(name_of(other.host->ak_public()).value());
                  endorsement->set_signature(other.host->sign(endorsement_content(*endorsement)).value());
              }),
              "endorsement-other-host");
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  auto* endorsement = of(evidence, "robot-cell")->mutable_endorsement();
                  endorsement->set_signature(other.host->sign(endorsement_content(*endorsement)).value());
              }),
              "endorsement-forged");
}

TEST_F(GuestEvidenceOf, an_endorsement_of_another_guest_or_generation) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  *of(evidence, "robot-cell")->mutable_endorsement() =
                      of(evidence, "historian")->endorsement();
              }),
              "endorsement-other-guest");
    EXPECT_EQ(reason_after([&](Evidence& evidence) {
                  of(evidence, "robot-cell")->mutable_endorsement()->set_generation(2);
              }),
              "endorsement-forged");
}

TEST_F(GuestEvidenceOf, another_start_than_the_logs_latest) {
    EXPECT_EQ(reason_after([&](Evidence& evidence) { of(evidence, "robot-cell")->set_start_number(2); }),
              "start-differs");
    EXPECT_EQ(judgement.partitions.at("robot-cell").status, Status::untrusted);
}

// It answered, and was started anew before its host quoted: nothing is known of the new start, and no alarm.
TEST_F(GuestEvidenceOf, the_start_before_the_logs_latest) {
    EXPECT_EQ(reason_after([&](Evidence&) { bed.start("robot-cell"); }), "start-differs");
    EXPECT_EQ(judgement.partitions.at("robot-cell").status, Status::unknown);
    EXPECT_EQ(reason_after([](Evidence&) {}), "");
    EXPECT_EQ(judgement.partitions.at("robot-cell").status, Status::trusted);
}

TEST_F(GuestEvidenceOf, a_guest_that_was_stopped) {
    EXPECT_EQ(reason_after([&](Evidence&) {
                  bed.measure(RecordType::partition_stop,
                              {{"uuid", "uuid-robot-cell"}, {"partition", "robot-cell"}});
              }),
              "guest-not-started");
}

TEST_F(GuestEvidenceOf, a_partition_that_nobody_signed) {
    bed.spec.partitions.erase(bed.spec.partitions.begin());
    EXPECT_EQ(reason_after([](Evidence&) {}), "guest-not-signed");
}

TEST_F(GuestEvidenceOf, a_cloned_vtpm_on_two_gateways) {
    GatewayBed other("press-line-4");
    bed.guest("robot-cell").tpm.reset();
    bed.guest("robot-cell").state.stop();
    other.guest("robot-cell").state.stop();
    other.guest("robot-cell").state.replace_state(bed.guest("robot-cell").state.state());
    bed.start("robot-cell");
    other.start("robot-cell");
    EXPECT_EQ(other.guest("robot-cell").tpm->ek_public(), bed.guest("robot-cell").tpm->ek_public());
    EXPECT_EQ(reason_after([](Evidence&) {}), "");
    other.held_elsewhere[judgement.known.guests.at("uuid-robot-cell").vek_name] = "press-line-3";
    const Judgement clone = other.round();
    EXPECT_EQ(clone.partitions.at("robot-cell").finding->reason, "vtpm-held-elsewhere");
    EXPECT_EQ(clone.partitions.at("robot-cell").finding->seen, "press-line-3");
}

TEST_F(GuestEvidenceOf, a_rolled_back_vtpm) {
    BedGuest& guest = bed.guest("robot-cell");
    bed.stop("robot-cell");
    const testing_support::TemporaryFolder saved;
    std::filesystem::copy(guest.state.state(), saved.path(), std::filesystem::copy_options::recursive);
    bed.start("robot-cell");
    EXPECT_EQ(reason_after([](Evidence&) {}), "");
    bed.known = judgement.known;
    bed.stop("robot-cell");
    guest.state.replace_state(saved.path());
    bed.start("robot-cell");
    EXPECT_EQ(reason_after([](Evidence&) {}), "vtpm-rolled-back");
}

TEST_F(GuestEvidenceOf, a_vtpm_that_was_reset_without_a_start) {
    restart_vtpm(bed.guest("robot-cell"));
    EXPECT_EQ(reason_after([](Evidence&) {}), "vtpm-reset-within-start");
}

TEST_F(GuestEvidenceOf, a_vtpm_whose_state_was_deleted_needs_activation_again) {
    BedGuest& guest = bed.guest("robot-cell");
    bed.stop("robot-cell");
    std::filesystem::remove_all(guest.state.state());
    ++guest.generation;
    bed.start("robot-cell");
    EXPECT_EQ(reason_after([](Evidence&) {}), "");
    EXPECT_EQ(judgement.partitions.at("robot-cell").status, Status::unknown);
    ASSERT_EQ(judgement.activations.size(), 1U);
    EXPECT_EQ(judgement.activations[0].partition, "robot-cell");
}

// Else the counters of one vTPM would be forgotten while the other one is shown, and both could be rolled
// back by turns.
TEST_F(GuestEvidenceOf, a_former_vtpm_of_the_same_guest_put_back) {
    BedGuest& guest = bed.guest("robot-cell");
    bed.stop("robot-cell");
    const testing_support::TemporaryFolder former;
    std::filesystem::copy(guest.state.state(), former.path(), std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(guest.state.state());
    bed.start("robot-cell");
    EXPECT_EQ(reason_after([](Evidence&) {}), "vtpm-rolled-back");  // a new vTPM as the same generation
    ++guest.generation;
    bed.start("robot-cell");
    bed.round();
    EXPECT_EQ(reason_after([](Evidence&) {}), "");
    bed.stop("robot-cell");
    guest.state.replace_state(former.path());
    --guest.generation;
    bed.start("robot-cell");
    EXPECT_EQ(reason_after([](Evidence&) {}), "vtpm-rolled-back");
    EXPECT_EQ(judgement.partitions.at("robot-cell").finding->seen, "generation 1");
}

TEST_F(GuestEvidenceOf, a_start_with_other_digests_than_were_signed) {
    const std::map<std::string, std::string> reasons = {{"kernel", "image-differs"},
                                                        {"initrd", "image-differs"},
                                                        {"command_line", "image-differs"},
                                                        {"image", "image-differs"},
                                                        {"qemu", "program-differs"},
                                                        {"firmware", "program-differs"},
                                                        {"swtpm", "program-differs"},
                                                        {"argv", "argv-differs"},
                                                        {"devices", "configuration-differs"},
                                                        {"places", "configuration-differs"},
                                                        {"switch_policy", "configuration-differs"},
                                                        {"limits", "configuration-differs"},
                                                        {"application", "configuration-differs"}};
    for (const auto& [name, reason] : reasons) {
        bed.altered = {{name, digest_of("evil")}};
        bed.start("robot-cell");
        EXPECT_EQ(reason_after([](Evidence&) {}), reason) << name;
        const Finding finding = *judgement.partitions.at("robot-cell").finding;
        EXPECT_EQ(finding.seen, digest_of("evil"));
        EXPECT_EQ(finding.pcr, "13");
        EXPECT_NE(finding.record.find("PARTITION_START robot-cell"), std::string::npos);
        EXPECT_NE(finding.text.find(name), std::string::npos);
    }
}

TEST_F(GuestEvidenceOf, an_image_or_partition_that_has_no_reference) {
    References references = testing_support::plant_references();
    const Evidence evidence = bed.answer(challenge = bed.challenge());
    const auto reason = [&] {
        const auto judged = verify(evidence, {.challenge = challenge,
                                              .known = bed.known,
                                              .states = {{bed.spec, references}},
                                              .held_elsewhere = bed.held_elsewhere});
        return judged.partitions.at("robot-cell").finding->reason;
    };
    references.argv.clear();
    EXPECT_EQ(reason(), "no-reference");
    references = testing_support::plant_references();
    references.images.clear();
    EXPECT_EQ(reason(), "no-reference");
    references = testing_support::plant_references();
    references.platform["qemu"].clear();
    EXPECT_EQ(reason(), "no-reference");
}

TEST_F(GuestEvidenceOf, no_start_record) {
    // The log is cut before the start, and PCR 13 with it: a boot in which nothing was recorded.
    bed.boot();
    EXPECT_EQ(reason_after([](Evidence&) {}), "guest-not-started");
}

}  // namespace
}  // namespace bulkhead::attestation
