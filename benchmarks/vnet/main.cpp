// Packets per second of the switch against a plain Linux bridge, in one run, on the same core, with the same
// frames. Rounds alternate, so that what else the machine does hits all alike; ratios are medians over
// rounds.
//
//   bench-switch [--json FILE]      (root)
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "benchmarks/vnet/bed.hpp"

namespace bulkhead::vnet::bench {
namespace {

constexpr unsigned rounds = 41;
constexpr unsigned frames_per_round = 40'000;

struct Row {
    std::string name;
    double value = 0;  // frames per second
    double ratio = 0;  // against the bridge
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Result<std::vector<Row>> measure() {
    BULKHEAD_TRY(enter_namespaces());
    BULKHEAD_TRY_ASSIGN(const Bed bridge, Bed::with_bridge("bridge"));
    BULKHEAD_TRY_ASSIGN(const Bed one, Bed::with_switch("one", 1));
    BULKHEAD_TRY_ASSIGN(const Bed many, Bed::with_switch("many", 10'000));
    const std::vector<const Bed*> beds{&bridge, &one, &many};
    std::vector<std::vector<double>> rates(beds.size());
    std::vector<std::vector<double>> ratios(beds.size());
    for (unsigned round = 0; round <= rounds; ++round) {
        std::vector<double> now(beds.size());
        for (std::size_t i = 0; i < beds.size(); ++i) {
            const std::size_t turn = (i + round) % beds.size();
            BULKHEAD_TRY_ASSIGN(now[turn], beds[turn]->run(frames_per_round));
        }
        if (round == 0) continue;  // warms up
        for (std::size_t i = 0; i < beds.size(); ++i) {
            rates[i].push_back(now[i]);
            ratios[i].push_back(now[i] / now[0]);
        }
    }
    const std::vector<std::string> names{"Linux bridge", "switch, 1 policy", "switch, 10000 policies"};
    std::vector<Row> rows;
    for (std::size_t i = 0; i < beds.size(); ++i)
        rows.push_back({names[i] + ", 64 B", median(rates[i]), median(ratios[i])});
    return rows;
}

void print(const std::vector<Row>& rows) {
    std::printf("%-32s %12s %10s\n", "SWITCH", "FRAMES/S", "RATIO");
    for (const Row& row : rows) std::printf("%-32s %12.0f %9.2fx\n", row.name.c_str(), row.value, row.ratio);
}

bool write_json(const std::vector<Row>& rows, const std::string& path) {
    std::ofstream file(path, std::ios::app);
    for (const Row& row : rows) {
        char numbers[96];  // NOLINT(modernize-avoid-c-arrays)
        std::snprintf(numbers, sizeof numbers, "\"value\":%.0f,\"unit\":\"frames/s\"", row.value);
        file << "{\"part\":\"vnet\",\"name\":" << log::json_string(row.name) << ',' << numbers;
        std::snprintf(numbers, sizeof numbers, "\"ratio\":%.3f", row.ratio);
        file << ",\"against\":\"Linux bridge\"," << numbers << "}\n";
    }
    return static_cast<bool>(file.flush());
}

}  // namespace
}  // namespace bulkhead::vnet::bench

int main(int argc, char** argv) {
    using namespace bulkhead::vnet::bench;
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && (arguments.size() != 2 || arguments[0] != "--json")) {
        std::fputs("usage: bench-switch [--json FILE]\n", stderr);
        return 2;
    }
    const auto rows = measure();
    if (!rows) {
        std::fprintf(stderr, "error: %s\n", rows.error().text().c_str());
        return 1;
    }
    print(*rows);
    if (!arguments.empty() && !write_json(*rows, std::string(arguments[1]))) {
        std::fprintf(stderr, "error: can't write %s\n", argv[2]);
        return 1;
    }
    return 0;
}
