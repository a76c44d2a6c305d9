// A guarded conduit beside a straight one: two machines behind wires, the real switch and the real guard.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "benchmarks/passthrough/measures.hpp"

namespace bulkhead::benchmarks {

// One machine behind a wire: the gateway's end of its cable, and who it is.
struct Station {
    std::string card;
    std::string mac;
    std::string address;
};

// Makes the switch between the two with tcp/502 through a guard and tcp/503 straight, says so on stdout, and
// takes all of it away at the end of stdin. `guard`: the program bulkhead-guard.
Result<> stand(const std::filesystem::path& guard, const std::filesystem::path& folder, const Station& client,
               const Station& server);

// A Modbus server of libmodbus on both ports; until the end of stdin. Says on stdout when it listens.
Result<> serve(const std::string& address);

// Ten registers are read, in turns "straight" and by the "guard".
Result<Figures> ask(const std::string& server, std::size_t rounds);

}  // namespace bulkhead::benchmarks
