// bench-conduit stand GUARD FOLDER CARD MAC ADDRESS CARD MAC ADDRESS | serve ADDRESS | ask ADDRESS ROUNDS:
// figures as one line of JSON.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "benchmarks/passthrough/conduit.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::benchmarks;

Result<> run(std::span<const std::string> words) {
    if (words.size() == 9 && words[0] == "stand")
        return stand(words[1], words[2], {words[3], words[4], words[5]}, {words[6], words[7], words[8]});
    if (words.size() == 2 && words[0] == "serve") return serve(words[1]);
    if (words.size() != 3 || words[0] != "ask") return fail(Code::invalid, "stand, serve or ask is wanted");
    BULKHEAD_TRY_ASSIGN(const auto rounds, parse_number(words[2], 1, 1'000'000));
    BULKHEAD_TRY_ASSIGN(const auto figures, ask(words[1], static_cast<std::size_t>(rounds)));
    std::printf("%s\n", json(figures).c_str());
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (const auto done = run(words); !done) {
        std::fprintf(stderr, "bench-conduit: %s\n", done.error().text().c_str());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
