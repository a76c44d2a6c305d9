// Bytes of three clients and a line at the turns that they take: whatever comes, one whole request is on the
// line at a time, nobody hears but who asked, and nobody waits for another longer than its deadline.
#include <cstdlib>

#include "passthrough/modbus/crc.hpp"
#include "passthrough/modbus/turns.hpp"

namespace {

using namespace bulkhead::passthrough::modbus;
using namespace std::chrono_literals;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Turns::Moment now{};
    std::uint64_t requests = 0;
    Turns turns(*bulkhead::model::parse_serial_line("9600 8N1; in turns of 100 ms"),
                {[&](auto request) {
                     require(request.size() >= 4 && request.size() <= longest_frame && crc(request) == 0);
                     ++requests;
                 },
                 [&](auto client, auto answer) {
                     require(client < 3 && crc(answer) == 0 && answer.size() <= longest_frame);
                 },
                 [] {}});
    for (const Turns::Client client : {0U, 1U, 2U}) turns.join(client);
    auto bytes = std::as_bytes(std::span(data, size));
    while (!bytes.empty()) {
        const auto control = std::to_integer<unsigned>(bytes[0]);
        const auto piece = bytes.subspan(1, std::min<std::size_t>(control & 0x1fU, bytes.size() - 1));
        const auto who = control >> 6U;
        if (who < 3)
            turns.from_client(who, piece, now);
        else
            turns.from_line(piece, now);
        if ((control & 0x20U) != 0) now += std::chrono::milliseconds(control & 0x1fU);
        if (const auto next = turns.next()) require(*next <= now + turns.longest_turn());
        turns.tick(now);
        bytes = bytes.subspan(1 + piece.size());
    }
    // Whoever waits has its turn within one deadline of each.
    now += 4 * turns.longest_turn();
    for (int i = 0; i < 16; ++i) {
        turns.tick(now);
        now += turns.longest_turn();
    }
    std::uint64_t taken = 0;
    for (const Turns::Client client : {0U, 1U, 2U}) {
        const auto& counts = turns.counts(client);
        require(!turns.is_waiting(client));
        require(counts.answered + counts.timed_out <= counts.turns && counts.waited <= counts.turns);
        require(counts.longest_wait <= counts.waited_for);
        taken += counts.turns;
    }
    require(taken == requests);
    return 0;
}
