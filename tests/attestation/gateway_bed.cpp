#include "gateway_bed.hpp"

#include "attestation/credential.hpp"
#include "attestation/wire/attest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"

namespace bulkhead::testing_support {

using namespace attestation;
using attest::v1::Challenge;
using attest::v1::Endorsement;
using attest::v1::Evidence;
using attest::v1::GuestEvidence;

attest::v1::Quote to_proto(const Quote& quote) {
    attest::v1::Quote proto;
    proto.set_attest(quote.attest);
    proto.set_signature(quote.signature);
    for (const auto& [index, value] : quote.pcrs) {
        auto* pcr = proto.add_pcrs();
        pcr->set_index(index);
        pcr->set_value(value);
    }
    return proto;
}

GatewayBed::GatewayBed(const std::string& name) : spec(plant()) {
    spec.gateway = model::GatewayName(name);
    for (const auto& partition : spec.partitions) {
        BedGuest& one = guests[partition.name.str()];
        one.name = partition.name.str();
        one.uuid = "uuid-" + one.name;
    }
    boot();
    known = {.gateway = name, .ak_public = host->ak_public(), .tls_public_key = "TLS key of " + name};
}

void GatewayBed::boot() {
    host.reset();
    host_state.restart();
    host = HostTpm::open(host_state.tcti()).value();
    boot_id = spec.gateway.str() + "-boot-" + std::to_string(++boots_);
    log.clear();
    records = 0;
    const auto quoted = wire::parse_attest(host->quote(std::string(32, '\0'), {13}).value().attest).value();
    measure(RecordType::boot, {{"kernel", digest_of("host kernel")},
                               {"command_line", digest_of("host command line")},
                               {"bulkheadd", digest_of("bulkheadd")},
                               {"reset_count", std::to_string(quoted.reset_count)}});
}

void GatewayBed::measure(RecordType type, std::map<std::string, std::string> facts) {
    const Record record{.sequence = records++, .type = type, .boot_id = boot_id, .facts = std::move(facts)};
    log += encode_record(record);
    host->extend(measurement_pcr, content_digest(encode_content(record))).value();
}

void GatewayBed::start(const std::string& partition) {
    BedGuest& one = guest(partition);
    one.tpm.reset();
    one.state.restart();
    one.tpm = GuestTpm::open(one.state.connect()).value();
    auto facts = spec_facts(spec, *spec.find(model::PartitionName(partition)));
    for (const char* name : {"kernel", "initrd", "command_line", "image", "qemu", "swtpm", "firmware"})
        facts[name] = digest_of(name);
    facts["argv"] = digest_of("argv of " + partition);
    facts["uuid"] = one.uuid;
    facts["partition"] = partition;
    facts["start_number"] = std::to_string(++one.start_number);
    facts["vek_name"] = crypto::to_hex(name_of(one.tpm->ek_public()).value());
    for (const auto& [name, value] : altered) facts[name] = value;
    measure(RecordType::partition_start, std::move(facts));
}

void GatewayBed::stop(const std::string& partition) {
    BedGuest& one = guest(partition);
    one.tpm.reset();
    one.state.stop();
    measure(
        RecordType::partition_stop,
        {{"uuid", one.uuid}, {"partition", partition}, {"start_number", std::to_string(one.start_number)}});
}

Challenge GatewayBed::challenge() {
    Challenge challenge;
    challenge.set_round(++rounds_);
    challenge.set_nonce(crypto::random_bytes(32));
    for (const unsigned pcr : host_pcrs) challenge.add_host_pcrs(pcr);
    for (const unsigned pcr : {0U, 8U}) challenge.add_guest_pcrs(pcr);
    return challenge;
}

Endorsement GatewayBed::endorse(const BedGuest& one) {
    Endorsement endorsement;
    endorsement.set_uuid(one.uuid);
    endorsement.set_vek_name(name_of(one.tpm->ek_public()).value());
    endorsement.set_generation(one.generation);
    endorsement.set_host_ak_name(name_of(host->ak_public()).value());
    endorsement.set_signature(host->sign(endorsement_content(endorsement)).value());
    return endorsement;
}

GuestEvidence GatewayBed::answer_of(BedGuest& one, const Challenge& challenge) {
    const std::string qualifying =
        guest_qualifying(challenge.nonce(), one.uuid, name_of(host->ak_public()).value(), one.start_number);
    one.quoted =
        one.tpm->quote(qualifying, {challenge.guest_pcrs().begin(), challenge.guest_pcrs().end()}).value();
    GuestEvidence evidence;
    evidence.set_uuid(one.uuid);
    evidence.set_partition(one.name);
    evidence.set_start_number(one.start_number);
    *evidence.mutable_quote() = to_proto(one.quoted);
    evidence.set_ak_public(one.tpm->ak_public());
    evidence.set_ek_public(one.tpm->ek_public());
    *evidence.mutable_endorsement() = endorse(one);
    return evidence;
}

void GatewayBed::quote_host(Evidence& evidence, const Challenge& challenge) {
    evidence.set_nonce(challenge.nonce());
    evidence.set_root(merkle_root(evidence));
    const std::string qualifying = host_qualifying(challenge.nonce(), spec.gateway.str(), evidence.boot_id(),
                                                   evidence.root(), "TLS key of " + spec.gateway.str());
    *evidence.mutable_host() = to_proto(
        host->quote(qualifying, {challenge.host_pcrs().begin(), challenge.host_pcrs().end()}).value());
    evidence.set_log(log);
}

Evidence GatewayBed::answer(const Challenge& challenge) {
    Evidence evidence;
    evidence.set_round(challenge.round());
    evidence.set_boot_id(boot_id);
    for (auto& [name, one] : guests)
        if (one.tpm) *evidence.add_guests() = answer_of(one, challenge);
    quote_host(evidence, challenge);
    return evidence;
}

Judgement GatewayBed::judge(const Evidence& evidence, const Challenge& challenge) const {
    std::vector<SignedState> states{{spec, references}};
    for (const auto& other : also_signed) states.push_back({other, references});
    return verify(
        evidence,
        {.challenge = challenge, .known = known, .states = states, .held_elsewhere = held_elsewhere});
}

Judgement GatewayBed::round() {
    const Challenge asked = challenge();
    Judgement judgement = judge(answer(asked), asked);
    known = judgement.known;
    for (const auto& needed : judgement.activations) {
        const auto credential = make_credential(needed.ek_public, needed.ak_public).value();
        const auto secret =
            guest(needed.partition).tpm->activate(credential.id_object, credential.encrypted_secret);
        if (secret && *secret == credential.secret)
            known.guests.at(needed.uuid).ak_name = crypto::to_hex(name_of(needed.ak_public).value());
    }
    return judgement;
}

}  // namespace bulkhead::testing_support
