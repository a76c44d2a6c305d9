// Between the model's values and those of the switch's maps.
#pragma once

#include <netinet/in.h>

#include <algorithm>
#include <string>

#include "model/address.hpp"

namespace bulkhead::vnet {

inline std::uint32_t to_wire(model::Ipv4 address) {
    return ::htonl(address.bits);
}
inline model::Ipv4 from_wire(std::uint32_t address) {
    return model::Ipv4{::ntohl(address)};
}

template <std::size_t Size>
void to_wire(const std::string& text, char (&field)[Size]) {
    field[text.copy(field, Size - 1)] = '\0';
}
template <std::size_t Size>
std::string from_wire(const char (&field)[Size]) {
    return {field, std::find(field, field + Size, '\0')};
}

}  // namespace bulkhead::vnet
