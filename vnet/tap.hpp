// TAP devices as QEMU wants them from libvirt: one queue, virtio-net headers, persistent without a process.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet {

// virtio_net_hdr (VIRTIO 1.2, 5.1.6) as a tap has it: in the byte order of the host. linux/virtio_net.h is no
// C++.
struct VirtioHeader {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t hdr_len = 0;
    std::uint16_t gso_size = 0;
    std::uint16_t csum_start = 0;
    std::uint16_t csum_offset = 0;
};
inline constexpr std::uint8_t needs_checksum = 1;
inline constexpr std::uint8_t gso_tcp4 = 1;
inline constexpr std::uint8_t gso_udp = 3;  // into fragments
inline constexpr std::uint8_t gso_tcp6 = 4;
inline constexpr std::uint8_t gso_datagrams = 5;  // VIRTIO_NET_HDR_GSO_UDP_L4

// A tap that vanishes when its last descriptor is closed; made down if it is not there. Whoever holds the
// descriptor sends and receives what a guest would, each frame behind a VirtioHeader.
Result<Fd> open_tap(const std::string& name);

// From now on it stays without a process.
Result<> persist(const Fd& tap);

// Shuts the host's own network stack off from the interface: no address of its own, no IPv6, no ARP answers,
// no forwarding, and nothing accepted from an address that is not routed there (none is).
Result<> hush(const std::string& name);
// Gives it the settings that a new interface gets.
Result<> unhush(const std::string& name);
// Whether it still is shut off.
bool is_hushed(const std::string& name);

}  // namespace bulkhead::vnet
