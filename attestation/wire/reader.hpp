// Reads big-endian integers and sized buffers from bytes of strangers. Never reads past the end and never
// allocates by a number it has read: once something does not fit, everything after it reads as zero or empty,
// and end() says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::attestation::wire {

class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    std::string_view bytes(std::size_t count);
    // TPM2B_*: two bytes of length, then that many bytes, at most `limit`.
    std::string_view sized(std::size_t limit);
    // Notes that what was read makes no sense; the first remark stays.
    void refuse(std::string why);

    bool failed() const { return !why_.empty(); }
    std::string_view rest() const { return rest_; }
    // Everything was there, and nothing is left over. `what`: the structure's name, for the error.
    Result<> end(std::string_view what) const;

  private:
    std::uint64_t number(std::size_t size);
    std::string_view rest_;
    std::string why_;
};

}  // namespace bulkhead::attestation::wire
