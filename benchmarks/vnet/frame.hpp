// The frames that are sent: UDP over IPv4 from one port of a bed to another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::bench {

// One end of a bed: what a partition is to a switch.
struct End {
    std::string interface;  // where its frames go in and come out
    std::array<std::uint8_t, 6> mac{};
    std::array<std::uint8_t, 4> address{};
};

// "NAME=MAC=ADDRESS"
Result<End> parse_end(const std::string& text);

// `size` counts the checksum of 4 bytes that neither a veth nor a tap has: 64 is a frame of 60 bytes. The
// UDP checksum is zero: none (RFC 768).
std::vector<std::uint8_t> udp_frame(const End& from, const End& to, unsigned source_port,
                                    unsigned destination_port, std::size_t size);

}  // namespace bulkhead::bench
