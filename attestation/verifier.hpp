// The console's judgement over evidence. Pure: no clock, no store; all that it needs is passed in. Never
// trusts a library's unmarshalling of what a gateway sent (attestation/wire parses).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/reference.hpp"
#include "attestation/verdict.hpp"
#include "bulkhead/attest/v1/attest.pb.h"
#include "model/spec.hpp"

namespace bulkhead::attestation {

// Order of a TPM's life: TPMS_CLOCK_INFO.
struct Counters {
    std::uint64_t clock = 0;
    std::uint32_t reset_count = 0;
    std::uint32_t restart_count = 0;
    bool operator==(const Counters&) const = default;
};

// What the console knows of a partition's vTPM from former rounds. Names are those of name_of(), in
// hexadecimal.
struct KnownGuest {
    std::string ak_name;  // activated against the vEK: the console sets it; empty: not yet
    std::string vek_name;
    std::uint64_t generation = 0;  // of the vTPM, by its endorsement
    std::uint64_t start_number = 0;
    Counters counters;
    bool operator==(const KnownGuest&) const = default;
};

// Beyond that many, a host's guests that do not run are forgotten.
inline constexpr std::size_t known_guest_limit = 256;

// What enrolment and former rounds left for one gateway.
struct KnownHost {
    std::string gateway;
    TrustAnchor anchor = TrustAnchor::software;
    std::string ak_public;       // TPMT_PUBLIC, activated at enrolment
    std::string tls_public_key;  // DER of the TLS key of the stream that carried the evidence
    std::string boot_id;         // of the last round
    Counters counters;
    std::uint64_t records = 0;                 // of this boot's log that were quoted
    std::string replayed;                      // PCR 13 after them, in hexadecimal
    std::map<std::string, KnownGuest> guests;  // by uuid
    bool operator==(const KnownHost&) const = default;
};

// A desired state of the gateway that IT signed.
struct SignedState {
    const model::Spec& spec;
    const References& references;
};

struct Expectation {
    const bulkhead::attest::v1::Challenge& challenge;
    const KnownHost& known;
    // Where the gateway may be by IT's will. First the state in force, which findings are about; then, while
    // it is on its way from one to another, those too. Not empty.
    std::vector<SignedState> states;
    const std::map<std::string, std::string>&
        held_elsewhere;  // vEK name (hexadecimal) -> other gateway with a live lease on it
};

// A guest AK that must be activated before it can be trusted.
struct ActivationNeeded {
    std::string partition;
    std::string uuid;
    std::string ek_public;
    std::string ak_public;
    bool operator==(const ActivationNeeded&) const = default;
};

struct Judgement {
    Verdict host;
    // Each of the spec, by name; and each that runs and is not in it, which is untrusted. `unknown`: it does
    // not run, its guest did not answer (finding guest-absent), or it waits for its activation.
    std::map<std::string, Verdict> partitions;
    KnownHost known;  // to remember; as given, if the host is untrusted
    std::vector<ActivationNeeded> activations;
};

Judgement verify(const bulkhead::attest::v1::Evidence& evidence, const Expectation& expectation);

// Of a challenge: the verifier makes as many, and a gateway takes no others.
inline constexpr std::size_t nonce_bytes = 32;

// The digests that quotes are made over; the gateway computes the same. `root`: see merkle_root.
std::string host_qualifying(std::string_view nonce, std::string_view gateway, std::string_view boot_id,
                            std::string_view root, std::string_view tls_public_key);
std::string guest_qualifying(std::string_view nonce, std::string_view uuid, std::string_view host_ak_name,
                             std::uint64_t start_number);
std::string enrol_qualifying(std::string_view nonce, std::string_view tls_public_key);
std::string renew_qualifying(std::string_view nonce_or_serial, std::string_view tls_public_key);
// Over the leaves of all guests, sorted by uuid; a leaf is prefixed by 0x00, a node by 0x01 (RFC 6962
// clause 2.1).
std::string merkle_root(const bulkhead::attest::v1::Evidence& evidence);
// What the host's AK signs in an endorsement.
std::string endorsement_content(const bulkhead::attest::v1::Endorsement& endorsement);

}  // namespace bulkhead::attestation
