// Both ways through the guard of a CAN adapter: whatever comes, in whatever pieces, only frames that a rule
// allows reach the bus, and only those that one lets be heard reach the guest.
#include <cstdlib>
#include <string_view>

#include "passthrough/slcan/guard.hpp"

namespace {

using namespace bulkhead::passthrough;

void require(bool holds) {
    if (!holds) std::abort();
}

// Each frame in it, up to its CR, begins with this.
void check(const std::vector<std::byte>& bytes, std::string_view start) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty()) {
        const auto command = text.substr(0, text.find('\r'));
        const auto frame = command.substr(std::min(command.find_first_not_of('\a'), command.size()));
        if (!frame.empty() && std::string_view("tTrR").find(frame[0]) != std::string_view::npos)
            require(frame.substr(1).starts_with(start) && (frame[0] == 't' || frame[0] == 'r'));
        text.remove_prefix(std::min(command.size() + 1, text.size()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    slcan::Guard guard(*bulkhead::model::parse_can_guard("send 0x181; receive 0x182"), 500'000);
    auto bytes = std::as_bytes(std::span(data, size));
    while (!bytes.empty()) {
        const auto control = std::to_integer<std::size_t>(bytes[0]);
        const auto piece = bytes.subspan(1, std::min(control & 0x7fU, bytes.size() - 1));
        if ((control & 0x80U) != 0) {
            check(guard.from_line(piece), "182");
        } else {
            const auto passed = guard.from_guest(piece, {});
            require(passed.to_line.size() <= piece.size() + LineGuard::most_held);
            check(passed.to_line, "181");
        }
        bytes = bytes.subspan(1 + piece.size());
    }
    return 0;
}
