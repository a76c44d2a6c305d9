// Both ends of a guarded connection say whatever they like, in whatever pieces: what reaches the server is
// whole requests that a rule allows, what reaches the client is one answer to each of its own.
#include <algorithm>
#include <cstdlib>

#include "modbus/conversation.hpp"

namespace {

using namespace bulkhead::modbus;

void require(bool holds) {
    if (!holds) std::abort();
}

std::size_t pour(std::span<std::byte> room, std::span<const std::byte>& from) {
    require(room.size() <= longest_adu);
    const std::size_t count = std::min(room.size(), from.size());
    std::copy_n(from.begin(), count, room.begin());
    from = from.subspan(count);
    return count;
}

// Reads of holding registers 0 to 9 of unit 1.
void check_request(std::span<const std::byte> adu) {
    require(adu.size() == 12 && adu[2] == std::byte{0} && adu[3] == std::byte{0});
    require(adu[4] == std::byte{0} && adu[5] == std::byte{6} && adu[6] == std::byte{1});
    require(adu[7] == std::byte{3} && adu[8] == std::byte{0} && adu[10] == std::byte{0});
    const auto first = std::to_integer<unsigned>(adu[9]);
    const auto count = std::to_integer<unsigned>(adu[11]);
    require(count >= 1 && first + count <= 10);
}

void check_answer(std::span<const std::byte> adu) {
    require(adu.size() >= 8 && adu.size() <= longest_adu);
    const auto counted = std::to_integer<std::size_t>(adu[4]) << 8U | std::to_integer<std::size_t>(adu[5]);
    require(counted + 6 == adu.size() && adu[2] == std::byte{0} && adu[3] == std::byte{0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Guard guard(*bulkhead::model::parse_modbus_guard("unit 1 read holding-registers 0-9"));
    Conversation talk(guard, {});
    auto bytes = std::as_bytes(std::span(data, size));
    while (!bytes.empty() && !talk.is_over()) {
        const auto control = std::to_integer<std::size_t>(bytes[0]);
        auto piece = bytes.subspan(1, std::min(control & 0x3fU, bytes.size() - 1));
        bytes = bytes.subspan(1 + piece.size());
        const bool client = (control & 0x40U) != 0;
        while (!piece.empty() && !talk.is_over()) {
            const std::size_t count = pour(client ? talk.room_for_client() : talk.room_for_server(), piece);
            if (count == 0) break;
            client ? talk.client_said(count, {}) : talk.server_said(count, {});
        }
        if (const auto request = talk.for_server(); !request.empty()) {
            check_request(request);
            require(talk.for_client().empty());
            talk.server_took(request.size(), {});
        }
        if (const auto answer = talk.for_client(); !answer.empty()) {
            check_answer(answer);
            talk.client_took(answer.size(), {});
        }
    }
    return 0;
}
