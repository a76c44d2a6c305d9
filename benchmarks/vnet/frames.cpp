// Sends frames through a bed that somebody else made, and says what came out. One command a line on stdin,
// one JSON object a line as its answer; ends with stdin.
//
//   bench-frames veth|tap FROM TO PORT [NEIGHBOUR]
//                                          (root, in the bed's network namespace; all but PORT:
//                                          NAME=MAC=ADDRESS)
//     rate SIZE MILLISECONDS                 {"frames": N, "seconds": S, "lost": N}
//     latency SIZE MILLISECONDS              {"p50": S, "p99": S}, there and back
//     beside SIZE MILLISECONDS               the same while NEIGHBOUR floods TO with frames of 1500 bytes;
//                                            {..., "flood": N, per second}
//     passes PORT                            {"passed": true}: whether one frame to that UDP port does
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/vnet/course.hpp"
#include "benchmarks/vnet/flood.hpp"
#include "benchmarks/vnet/frame.hpp"
#include "benchmarks/vnet/wire.hpp"

namespace bulkhead::bench {
namespace {

constexpr unsigned client_port = 40000;
constexpr std::size_t shortest = 64;
constexpr std::size_t longest = 1500;

struct Bed {
    End from;
    End to;
    unsigned port = 0;
    std::unique_ptr<Wire> in;
    std::unique_ptr<Wire> out;
    End neighbour;
    std::unique_ptr<Wire> noise;  // none without a neighbour

    Frame there(std::size_t size, unsigned service) const {
        return udp_frame(from, to, client_port, service, size);
    }
    Frame back(std::size_t size) const { return udp_frame(to, from, port, client_port, size); }
};

Result<Bed> open_bed(const std::vector<std::string>& arguments) {
    const auto open = arguments[0] == "tap" ? TapWire::open : VethWire::open;
    Bed bed;
    BULKHEAD_TRY_ASSIGN(bed.from, parse_end(arguments[1]));
    BULKHEAD_TRY_ASSIGN(bed.to, parse_end(arguments[2]));
    bed.port = static_cast<unsigned>(std::stoul(arguments[3]));
    BULKHEAD_TRY_ASSIGN(bed.in, open(bed.from.interface));
    BULKHEAD_TRY_ASSIGN(bed.out, open(bed.to.interface));
    if (arguments.size() == 4) return bed;
    BULKHEAD_TRY_ASSIGN(bed.neighbour, parse_end(arguments[4]));
    BULKHEAD_TRY_ASSIGN(bed.noise, open(bed.neighbour.interface));
    return bed;
}

// {"p50": S, "p99": S, and what else is to be told.
Result<std::string> latency(const Bed& bed, Course& course, std::size_t size,
                            std::chrono::milliseconds time) {
    BULKHEAD_TRY_ASSIGN(auto taken, course.ping_pong(bed.there(size, bed.port), bed.back(size), time));
    std::ranges::sort(taken);
    const auto at = [&](std::size_t percent) {
        return std::chrono::duration<double>(taken[(taken.size() - 1) * percent / 100]).count();
    };
    std::ostringstream said;
    said << R"({"p50": )" << at(50) << R"(, "p99": )" << at(99);
    return said.str();
}

Result<std::string> latency_beside(const Bed& bed, Course& course, std::size_t size,
                                   std::chrono::milliseconds time) {
    if (!bed.noise) return fail(Code::invalid, "there is no neighbour", {}, "a fifth argument");
    const Flood flood(*bed.noise, udp_frame(bed.neighbour, bed.to, client_port, bed.port, longest));
    BULKHEAD_TRY_ASSIGN(const std::string said, latency(bed, course, size, time));
    const double seconds = std::chrono::duration<double>(time).count();
    return said + R"(, "flood": )" + std::to_string(static_cast<double>(flood.sent()) / seconds);
}

Result<std::string> answer(const Bed& bed, Course& course, const std::string& line) {
    std::istringstream words(line);
    std::string command;
    unsigned first = 0;
    unsigned second = 0;
    words >> command >> first >> second;
    std::ostringstream said;
    if (command == "rate") {
        BULKHEAD_TRY_ASSIGN(const Rate rate,
                            course.pour(bed.there(first, bed.port), std::chrono::milliseconds(second)));
        said << R"({"frames": )" << rate.frames << R"(, "seconds": )" << rate.time.count() << R"(, "lost": )"
             << rate.lost << '}';
    } else if ((command == "latency" || command == "beside") && second > 0) {
        const auto measure = command == "latency" ? latency : latency_beside;
        BULKHEAD_TRY_ASSIGN(const auto figures,
                            measure(bed, course, first, std::chrono::milliseconds(second)));
        said << figures << '}';
    } else if (command == "passes") {
        BULKHEAD_TRY_ASSIGN(const bool passed, course.passes(bed.there(shortest, first)));
        said << R"({"passed": )" << (passed ? "true" : "false") << '}';
    } else {
        return fail(Code::invalid, "no such command: " + line, {}, "rate, latency, beside or passes");
    }
    return said.str();
}

Result<> serve(const std::vector<std::string>& arguments) {
    BULKHEAD_TRY_ASSIGN(const Bed bed, open_bed(arguments));
    Course course(*bed.in, *bed.out);
    for (std::string line; std::getline(std::cin, line);) {
        BULKHEAD_TRY_ASSIGN(const std::string said, answer(bed, course, line));
        std::cout << said << '\n' << std::flush;
    }
    return {};
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 4 || arguments.size() > 5 || (arguments[0] != "veth" && arguments[0] != "tap")) {
        std::fputs("usage: bench-frames veth|tap FROM TO PORT [NEIGHBOUR]\n", stderr);
        return 2;
    }
    if (const auto done = bulkhead::bench::serve(arguments); !done) {
        std::fprintf(stderr, "bench-frames: error: %s\n", done.error().text().c_str());
        return 1;
    }
    return 0;
}
