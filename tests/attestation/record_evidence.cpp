// record-evidence CORPUS: runs a gateway on real swtpms and writes what it said as seeds for tests/fuzz.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "gateway_bed.hpp"

namespace {

using namespace bulkhead;

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::filesystem::path corpus = argv[1];
    testing_support::GatewayBed bed;
    bed.start("historian");
    bed.start("robot-cell");
    bed.stop("historian");
    bed.measure(attestation::RecordType::device_change,
                {{"uuid", bed.guest("robot-cell").uuid},
                 {"partition", "robot-cell"},
                 {"places", attestation::spec_facts(bed.spec, bed.spec.partitions[0]).at("places")}});
    // What evidence_fuzz.cpp asks.
    attest::v1::Challenge challenge;
    challenge.set_round(1);
    challenge.set_nonce(std::string(32, 'n'));
    for (const unsigned pcr : {0U, 7U, 13U}) challenge.add_host_pcrs(pcr);
    for (const unsigned pcr : {0U, 8U}) challenge.add_guest_pcrs(pcr);
    const auto evidence = bed.answer(challenge);
    const auto judgement = bed.judge(evidence, challenge);
    std::printf("host %s\n", std::string(to_string(judgement.host.status)).c_str());
    write(corpus / "evidence/right.bin", bed.host->ak_public() + evidence.SerializeAsString());
    write(corpus / "attestation_log/right.bin", bed.log);
    write(corpus / "attestation_wire/attest.bin", evidence.host().attest());
    write(corpus / "attestation_wire/signature.bin", evidence.host().signature());
    write(corpus / "attestation_wire/ak.bin", bed.host->ak_public());
    write(corpus / "attestation_wire/ek.bin", bed.host->ek_public());
    return judgement.host.status == attestation::Status::trusted ? 0 : 1;
}
