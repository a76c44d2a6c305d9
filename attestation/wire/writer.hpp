// Writes big-endian integers and sized buffers (TPM 2.0 Part 2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::attestation::wire {

class Writer {
  public:
    Writer& u8(std::uint8_t value) { return number(value, 1); }
    Writer& u16(std::uint16_t value) { return number(value, 2); }
    Writer& u32(std::uint32_t value) { return number(value, 4); }
    Writer& u64(std::uint64_t value) { return number(value, 8); }
    Writer& bytes(std::string_view bytes);
    // TPM2B_*: at most 65535 bytes; the caller has checked.
    Writer& sized(std::string_view bytes);

    const std::string& text() const { return text_; }
    std::string take() { return std::move(text_); }

  private:
    Writer& number(std::uint64_t value, unsigned size);
    std::string text_;
};

}  // namespace bulkhead::attestation::wire
