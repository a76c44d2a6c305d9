// One Modbus message as it comes over TCP: a header of seven bytes and a PDU (MODBUS Messaging on TCP/IP
// Implementation Guide V1.0b, 3.1.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "modbus/request.hpp"

namespace bulkhead::modbus {

inline constexpr std::size_t header_length = 7;
inline constexpr std::size_t longest_adu = header_length + longest_pdu;

class Adu {
  public:
    // Where what comes next belongs: never beyond this message. Empty: it is whole, or has a flaw.
    std::span<std::byte> room();
    // So many bytes were put there.
    void came(std::size_t bytes);

    bool is_empty() const { return size_ == 0; }
    bool is_whole() const;
    // Why it is no message of Modbus, whatever may follow; null: it may be one.
    const char* flaw() const;

    // Of one that is whole.
    std::uint16_t transaction() const { return u16(0); }
    std::uint8_t unit() const { return std::to_integer<std::uint8_t>(held_[6]); }
    std::span<const std::byte> pdu() const { return bytes().subspan(header_length); }
    std::span<const std::byte> bytes() const { return std::span(held_).first(size_); }

    void clear() { size_ = 0; }
    // Becomes the answer to `request` that refuses it.
    void refuse(const Adu& request, Exception exception);

  private:
    std::uint16_t u16(std::size_t at) const;

    std::array<std::byte, longest_adu> held_{};
    std::size_t size_ = 0;
};

}  // namespace bulkhead::modbus
