// Bytes of a stranger, read with bounds: a read past the end gives zeros, so nothing here can run away. Who
// needs to know whether the bytes are there asks has().
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vnet/bpf/layout.h"

namespace bulkhead::vnet::explain {

using MacBytes = std::array<std::uint8_t, 6>;

class Octets {
  public:
    explicit Octets(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    std::size_t size() const { return bytes_.size(); }
    bool has(std::size_t count) const { return bytes_.size() >= count; }
    // Big-endian, as everything in these headers is.
    std::uint8_t u8(std::size_t at) const { return at < bytes_.size() ? bytes_[at] : std::uint8_t{0}; }
    std::uint16_t u16(std::size_t at) const {
        return static_cast<std::uint16_t>((unsigned{u8(at)} << 8) | u8(at + 1));
    }
    std::uint32_t u32(std::size_t at) const { return (std::uint32_t{u16(at)} << 16) | u16(at + 2); }
    template <std::size_t N>
    std::array<std::uint8_t, N> array(std::size_t at) const {
        std::array<std::uint8_t, N> out{};
        for (std::size_t i = 0; i < N; ++i) out[i] = u8(at + i);
        return out;
    }
    MacBytes mac(std::size_t at) const { return array<6>(at); }
    Octets from(std::size_t at) const { return Octets(bytes_.subspan(std::min(at, bytes_.size()))); }
    Octets first(std::size_t count) const { return Octets(bytes_.first(std::min(count, bytes_.size()))); }

  private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace bulkhead::vnet::explain
