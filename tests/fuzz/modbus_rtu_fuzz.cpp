// A guest's bytes at the Modbus guard of a line: whatever comes, in whatever pieces, only whole frames that a
// rule allows go on.
#include <cstdlib>

#include "passthrough/modbus/crc.hpp"
#include "passthrough/modbus/rtu.hpp"

namespace {

using namespace bulkhead::passthrough;
using namespace bulkhead::passthrough::modbus;

void require(bool holds) {
    if (!holds) std::abort();
}

// Reads of holding registers 0 to 9 of unit 1.
void check_line(std::span<const std::byte> line) {
    while (!line.empty()) {
        require(line.size() >= 8 && crc(line.first(8)) == 0);
        require(line[0] == std::byte{1} && line[1] == std::byte{3} && line[2] == std::byte{0});
        const auto first = std::to_integer<unsigned>(line[3]);
        const auto count = std::to_integer<unsigned>(line[5]);
        require(line[4] == std::byte{0} && count >= 1 && first + count <= 10);
        line = line.subspan(8);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Rtu rtu(*bulkhead::model::parse_modbus_guard("unit 1 read holding-registers 0-9"));
    auto bytes = std::as_bytes(std::span(data, size));
    while (!bytes.empty()) {
        const auto control = std::to_integer<std::size_t>(bytes[0]);
        const auto piece = bytes.subspan(1, std::min(control & 0x3fU, bytes.size() - 1));
        const LineGuard::Passed passed = (control & 0x40U) != 0 ? rtu.on_silence(LineGuard::Moment{})
                                                                : rtu.from_guest(piece, LineGuard::Moment{});
        check_line(passed.to_line);
        require(passed.to_guest.size() <= (piece.size() + longest_frame) * 2);
        bytes = bytes.subspan(1 + piece.size());
    }
    return 0;
}
