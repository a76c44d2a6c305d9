#include "attestation/cbor.hpp"

#include "base/text.hpp"

namespace bulkhead::attestation {
namespace {
constexpr std::uint64_t in_head = 24;  // values below stand in the first byte
}  // namespace

CborWriter& CborWriter::head(unsigned major, std::uint64_t value) {
    const unsigned type = major << 5U;
    if (value < in_head) {
        text_ += static_cast<char>(type | value);
        return *this;
    }
    const unsigned log = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    text_ += static_cast<char>(type | (in_head + log));
    for (unsigned i = 1U << log; i-- > 0;) text_ += static_cast<char>(value >> (8 * i) & 0xffU);
    return *this;
}

CborWriter& CborWriter::bytes(std::string_view bytes) {
    head(2, bytes.size());
    text_ += bytes;
    return *this;
}

CborWriter& CborWriter::text(std::string_view text) {
    head(3, text.size());
    text_ += text;
    return *this;
}

std::uint64_t CborReader::head(unsigned wanted_major) {
    if (rest_.empty()) refuse("it ends early");
    if (failed()) return 0;
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const unsigned additional = first & 0x1fU;
    if (first >> 5U != wanted_major)
        refuse("it has major type " + std::to_string(first >> 5U) + " where " + std::to_string(wanted_major) +
               " belongs");
    if (additional < in_head) return failed() ? 0 : additional;
    if (additional > in_head + 3) refuse("it has a length that is not definite");
    const std::size_t size = std::size_t{1} << (additional - in_head);
    if (!failed() && rest_.size() < size) refuse("it ends early");
    if (failed()) return 0;
    std::uint64_t value = 0;
    for (const char byte : rest_.substr(0, size)) value = value << 8U | static_cast<unsigned char>(byte);
    rest_.remove_prefix(size);
    const bool shortest = size == 1 ? value >= in_head : value >> (4 * size) != 0;
    if (!shortest) refuse("it has a number in a longer form than needed");
    return failed() ? 0 : value;
}

std::string_view CborReader::string(unsigned major, std::size_t limit) {
    const std::uint64_t size = head(major);
    if (!failed() && size > limit)
        refuse("it has a string of " + std::to_string(size) + " bytes where at most " +
               std::to_string(limit) + " can be");
    if (!failed() && size > rest_.size()) refuse("it ends early");
    if (failed()) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::string_view CborReader::text(std::size_t limit) {
    const std::string_view taken = string(3, limit);
    if (first_invalid_utf8(taken)) refuse("it has a text that is not UTF-8");
    return failed() ? std::string_view() : taken;
}

std::size_t CborReader::map(std::size_t limit) {
    const std::uint64_t pairs = head(5);
    if (pairs > limit) refuse("it has a map of " + std::to_string(pairs) + " entries");
    return failed() ? 0 : pairs;
}

void CborReader::key(std::uint64_t wanted) {
    const std::uint64_t seen = number();
    if (!failed() && seen != wanted)
        refuse("it has key " + std::to_string(seen) + " where " + std::to_string(wanted) + " belongs");
}

void CborReader::refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    rest_ = {};
}

}  // namespace bulkhead::attestation
