// TAP devices as QEMU wants them from libvirt: one queue, virtio-net headers, persistent without a process.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet {

// A tap that vanishes when its last descriptor is closed; made down if it is not there. Whoever holds the
// descriptor sends and receives what a guest would, each frame behind a virtio_net_hdr of 10 bytes.
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
