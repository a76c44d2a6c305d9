// Packets that someone captured: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), of
// Ethernet. A file of a stranger: every length in it is checked, and what is read of it is bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::cli {

inline constexpr std::size_t longest_packet_file = 8 * 1024 * 1024;  // bytes
inline constexpr std::size_t most_packets = 1000;
inline constexpr std::size_t most_packet_bytes = 1024 * 1024;  // of all packets together

// From Ethernet's header on. Code::invalid, with the offset, for what is no such file, for more than may be
// read, and for a packet that the capture has cut short: it can't be judged. `name` is for places only.
Result<std::vector<std::string>> read_packets(std::string_view bytes, const std::string& name);

}  // namespace bulkhead::cli
