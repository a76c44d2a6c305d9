// A gateway as the verifier sees one: a host with a real swtpm, guests each with its own, the measured log,
// and the console's memory of it. What a test does to evidence, it does between these steps.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "attestation/event_log.hpp"
#include "attestation/guest/guest_tpm.hpp"
#include "attestation/tpm/host_tpm.hpp"
#include "attestation/verifier.hpp"
#include "plant.hpp"
#include "software_tpm.hpp"

namespace bulkhead::testing_support {

struct BedGuest {
    SoftwareTpm state;  // its vTPM
    std::string name;
    std::string uuid;
    std::uint64_t start_number = 0;
    std::uint64_t generation = 1;
    std::unique_ptr<attestation::GuestTpm> tpm;  // null: stopped
    attestation::Quote quoted;                   // in the last answer
};

class GatewayBed {
  public:
    explicit GatewayBed(const std::string& name = "press-line-3");

    // What a gateway does.
    void boot();  // resets the TPM and begins a new log
    void start(const std::string& partition);
    void stop(const std::string& partition);
    void measure(attestation::RecordType type, std::map<std::string, std::string> facts);
    attest::v1::Challenge challenge();
    attest::v1::Evidence answer(const attest::v1::Challenge& challenge);
    attest::v1::GuestEvidence answer_of(BedGuest& guest, const attest::v1::Challenge& challenge);
    attest::v1::Endorsement endorse(const BedGuest& guest);
    // Quotes what stands in the evidence.
    void quote_host(attest::v1::Evidence& evidence, const attest::v1::Challenge& challenge);

    // What the console does.
    attestation::Judgement judge(const attest::v1::Evidence& evidence,
                                 const attest::v1::Challenge& challenge) const;
    // A whole round, whose result is remembered, with activations done.
    attestation::Judgement round();

    BedGuest& guest(const std::string& partition) { return guests.at(partition); }

    SoftwareTpm host_state;
    std::unique_ptr<attestation::HostTpm> host;
    std::string boot_id;
    std::string log;
    std::uint64_t records = 0;
    std::map<std::string, BedGuest> guests;  // by partition
    model::Spec spec;
    std::vector<model::Spec> also_signed;  // while the gateway is on its way
    attestation::KnownHost known;
    attestation::References references = plant_references();
    std::map<std::string, std::string> held_elsewhere;
    std::map<std::string, std::string> altered;  // facts of the next start that are not as signed
    std::vector<unsigned> host_pcrs = {0, 7, 13};

  private:
    int boots_ = 0;
    std::uint64_t rounds_ = 0;
};

attest::v1::Quote to_proto(const attestation::Quote& quote);

}  // namespace bulkhead::testing_support
