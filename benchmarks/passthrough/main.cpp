// bench-line round-trips|hand-overs|frames|judgements PROGRAMS FOLDER ROUNDS [TERMINAL...]: figures as one
// line of JSON.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "benchmarks/passthrough/measures.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::benchmarks;

Result<Figures> measure(std::span<const std::string> words) {
    if (words.size() < 4)
        return fail(Code::invalid, "what, the folder of programs, a folder and rounds are wanted");
    BULKHEAD_TRY_ASSIGN(const auto rounds, parse_number(words[3], 1, 1'000'000));
    const Bed bed{words[1], words[2], static_cast<std::size_t>(rounds)};
    const std::vector<std::filesystem::path> terminals(words.begin() + 4, words.end());
    if (words[0] == "round-trips" && terminals.size() == 4) return round_trips(bed, terminals);
    if (words[0] == "hand-overs" && terminals.size() == 1) return hand_overs(bed, terminals.front());
    if (words[0] == "frames") return thousand_frames(bed);
    if (words[0] == "judgements") return judgements(bed);
    return fail(Code::invalid, "no such measure: " + words[0]);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto figures = measure(words);
    if (!figures) {
        std::fprintf(stderr, "bench-line: %s\n", figures.error().text().c_str());
        return EXIT_FAILURE;
    }
    std::printf("%s\n", json(*figures).c_str());
    return EXIT_SUCCESS;
}
