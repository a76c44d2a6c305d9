// Whole evidence through the verifier: the host's AK (88 bytes), then the message. The seed is a right answer
// of a real swtpm; what is changed behind its signature (log, PCR values) goes deep, and guests are checked
// past the host's quote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "attestation/credential.hpp"
#include "attestation/guest_check.hpp"
#include "attestation/log_reader.hpp"
#include "attestation/quote_check.hpp"
#include "attestation/verifier.hpp"
#include "tests/attestation/plant.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead;
    using namespace bulkhead::attestation;
    constexpr std::size_t ak_size = 88;
    attest::v1::Evidence evidence;
    if (size < ak_size || !evidence.ParseFromArray(data + ak_size, static_cast<int>(size - ak_size)))
        return 0;
    static const model::Spec spec = testing_support::plant();
    static const References references = testing_support::plant_references();
    static const std::map<std::string, std::string> nowhere;
    static const attest::v1::Challenge challenge = [] {
        attest::v1::Challenge asked;
        asked.set_round(1);
        asked.set_nonce(std::string(32, 'n'));
        for (const unsigned pcr : {0U, 7U, 13U}) asked.add_host_pcrs(pcr);
        for (const unsigned pcr : {0U, 8U}) asked.add_guest_pcrs(pcr);
        return asked;
    }();
    const KnownHost known{.gateway = "press-line-3",
                          .ak_public = std::string(reinterpret_cast<const char*>(data), ak_size),
                          .tls_public_key = "TLS key of press-line-3"};
    const Expectation expectation{challenge, known, {{spec, references}}, nowhere};
    const Judgement judgement = verify(evidence, expectation);
    if (judgement.host.status != Status::trusted && !(judgement.known == known)) std::abort();
    for (const auto& partition : spec.partitions)
        if (!judgement.partitions.contains(partition.name.str())) std::abort();

    const auto ak = quote_key(known.ak_public);
    const auto records = read_log(evidence.log());
    if (!ak || !records) return 0;
    const TrustedHost host{.ak = *ak, .ak_name = *name_of(known.ak_public)};
    for (const auto& guest : evidence.guests())
        for (const Record& record : *records) check_guest(&guest, record, host, expectation);
    return 0;
}
