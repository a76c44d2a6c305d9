// A capture of a stranger: whatever it holds, what is read of it is bounded.
#include <cstdint>
#include <cstdlib>

#include "cli/packet_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead::cli;
    const auto packets = read_packets({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (!packets) return 0;
    std::size_t total = 0;
    for (const auto& packet : *packets) total += packet.size();
    if (total > size || packets->size() > most_packets) std::abort();
    return 0;
}
