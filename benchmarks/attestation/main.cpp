// bench-attestation --json FILE: verification of a quote and of whole rounds, on evidence that real swtpms
// made. Cold: the key is parsed and set up for each quote, as for a gateway that has not been heard for long.
// Warm: it is kept.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "attestation/quote_check.hpp"
#include "tests/attestation/gateway_bed.hpp"

namespace {

using namespace bulkhead;
using attestation::Status;
using testing_support::GatewayBed;

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "bench-attestation: %s\n", what);
    std::exit(1);
}

double seconds(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Of processor time, as `openssl speed` counts: a busy machine then does not change the ratio.
constexpr clockid_t checking = CLOCK_PROCESS_CPUTIME_ID;
// Of the wall clock: the TPMs work in processes of their own.
constexpr clockid_t answering = CLOCK_MONOTONIC;

// Runs for a second or more; gives runs per second.
double rate(clockid_t clock, const std::function<bool()>& run) {
    constexpr int batch = 20;
    for (int i = 0; i < batch; ++i) require(run(), "what is measured does not verify");
    const double begin = seconds(clock);
    int runs = 0;
    while (seconds(clock) - begin < 1.0)
        for (int i = 0; i < batch; ++i, ++runs) require(run(), "what is measured does not verify");
    return runs / (seconds(clock) - begin);
}

void row(std::ofstream& file, const std::string& name, double value) {
    file << R"({"name": ")" << name << R"(", "value": )" << value << "}\n";
}

// A round of a gateway with that many activated guests: what the console does with it, and how long the
// gateway takes.
void measure_round(std::ofstream& file, int guests) {
    GatewayBed bed;
    const model::Partition pattern = bed.spec.partitions[1];
    bed.spec.partitions.clear();
    bed.guests.clear();
    bed.references = testing_support::plant_references();
    for (int i = 0; i < guests; ++i) {
        model::Partition partition = pattern;
        const std::string name = "guest-" + std::to_string(i);
        partition.name = model::PartitionName(name);
        bed.spec.partitions.push_back(partition);
        bed.guests[name].name = name;
        bed.guests[name].uuid = "uuid-" + name;
        bed.references.argv[name] = testing_support::digest_of("argv of " + name);
    }
    for (const auto& partition : bed.spec.partitions) bed.start(partition.name.str());
    bed.round();
    const auto challenge = bed.challenge();
    const auto evidence = bed.answer(challenge);
    const std::string count = std::to_string(guests) + (guests == 1 ? " guest" : " guests");
    row(file, "round checked, " + count, rate(checking, [&] {
            const auto judgement = bed.judge(evidence, challenge);
            for (const auto& [name, verdict] : judgement.partitions)
                if (verdict.status != Status::trusted) return false;
            return judgement.host.status == Status::trusted;
        }));
    row(file, "round answered, " + count,
        rate(answering, [&] { return bed.answer(challenge).guests_size() == guests; }));
    row(file, "bytes of evidence, " + count, static_cast<double>(evidence.ByteSizeLong()));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string(argv[1]) != "--json") {
        std::fprintf(stderr, "usage: bench-attestation --json FILE\n");
        return 2;
    }
    std::ofstream file(argv[2]);
    GatewayBed bed;
    const auto quote = bed.host->quote(std::string(32, 'q'), {0, 7, 13}).value();
    const auto key = attestation::quote_key(bed.host->ak_public()).value();
    row(file, "quote verified, warm", rate(checking, [&] {
            return attestation::check_signed(quote.attest, quote.signature, key).has_value();
        }));
    row(file, "quote verified, cold", rate(checking, [&] {
            const auto fresh = attestation::quote_key(bed.host->ak_public());
            return fresh && attestation::check_signed(quote.attest, quote.signature, *fresh).has_value();
        }));
    for (const int guests : {1, 3, 8}) measure_round(file, guests);
    return 0;
}
