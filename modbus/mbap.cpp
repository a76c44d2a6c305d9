#include "modbus/mbap.hpp"

#include <algorithm>

namespace bulkhead::modbus {
namespace {

constexpr std::size_t protocol_at = 2;
constexpr std::size_t length_at = 4;  // of what follows it: the unit and the PDU
constexpr std::size_t counted_from = 6;
constexpr std::size_t least_counted = 2;  // a unit and a function
constexpr std::size_t most_counted = longest_adu - counted_from;

}  // namespace

std::uint16_t Adu::u16(std::size_t at) const {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(held_[at]) << 8U |
                                      std::to_integer<unsigned>(held_[at + 1]));
}

const char* Adu::flaw() const {
    if (size_ >= length_at && u16(protocol_at) != 0) return "a message of another protocol than Modbus";
    if (size_ < counted_from) return nullptr;
    const std::size_t counted = u16(length_at);
    if (counted < least_counted) return "a message that ends before its function";
    return counted > most_counted ? "a message longer than Modbus has" : nullptr;
}

// The shortest message is longer than a header, so a header may be asked for at once.
std::span<std::byte> Adu::room() {
    if (flaw() != nullptr) return {};
    const std::size_t end = size_ < header_length ? header_length : counted_from + u16(length_at);
    return std::span(held_).subspan(size_, end - size_);
}

void Adu::came(std::size_t bytes) {
    size_ += std::min(bytes, room().size());
}

bool Adu::is_whole() const {
    return size_ >= header_length && flaw() == nullptr && size_ == counted_from + u16(length_at);
}

// As a server answers (MODBUS Application Protocol Specification V1.1b3, 7), under the request's own number.
void Adu::refuse(const Adu& request, Exception exception) {
    std::copy_n(request.held_.begin(), header_length, held_.begin());
    held_[length_at] = std::byte{0};
    held_[length_at + 1] = std::byte{3};
    held_[header_length] = request.held_[header_length] | exception_bit;
    held_[header_length + 1] = std::byte(exception);
    size_ = header_length + 2;
}

}  // namespace bulkhead::modbus
