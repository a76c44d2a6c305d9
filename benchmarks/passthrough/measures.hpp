#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::benchmarks {

// Figure by what it is of: nanoseconds, one for each round.
using Figures = std::map<std::string, std::vector<double>>;
std::string json(const Figures& figures);

struct Bed {
    std::filesystem::path programs;  // the folder that serial/bulkhead-serial and line/bulkhead-line are in
    std::filesystem::path folder;    // for sockets and terminals
    std::size_t rounds = 0;
};

// One request after the other to four PLCs of one kind, in turns: "direct", by an "owner", past a "guard",
// and past one at a line "shared" with a partition that is silent. `plcs`: their terminals, in that order.
Result<Figures> round_trips(const Bed& bed, const std::vector<std::filesystem::path>& plcs);
// From the first step of taking a line from a partition: "serving" until the owner for the next one has the
// line open and would serve its guest, "answered" until that guest has the answer to its first request.
Result<Figures> hand_overs(const Bed& bed, const std::filesystem::path& plc);
// A thousand SLCAN frames to the line, each with eight bytes of data: "direct", "owner" and "guard".
Result<Figures> thousand_frames(const Bed& bed);
// What judging alone takes of one "request" that the last of 64 rules allows, and of one CAN "frame"
// likewise.
Result<Figures> judgements(const Bed& bed);

}  // namespace bulkhead::benchmarks
