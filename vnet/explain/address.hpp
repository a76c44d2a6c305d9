// Addresses as the maps have them, and what one sees by looking at them (wire.hpp makes them from the
// model's).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "model/address.hpp"
#include "vnet/bpf/layout.h"

namespace bulkhead::vnet::explain {

switch_address address_of(const std::array<std::uint8_t, 4>& bytes);
switch_address address_of(const std::array<std::uint8_t, 16>& bytes);
std::array<std::uint8_t, 16> bytes_of(const switch_address& address);

bool is_none(const switch_address& address);        // all zero: ::, or no address
bool is_link_local(const switch_address& address);  // fe80::/10
bool same(const switch_address& a, const switch_address& b);
bool lies_in(const switch_address& address, const switch_prefix& prefix);

// As people write it: dotted quad, or RFC 5952.
std::string to_text(const switch_address& address);

}  // namespace bulkhead::vnet::explain
