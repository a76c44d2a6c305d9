#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "passthrough/modbus/crc.hpp"

namespace bulkhead::passthrough::modbus::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes(std::initializer_list<unsigned> values) {
    Bytes made;
    for (const unsigned value : values) made.push_back(static_cast<std::byte>(value));
    return made;
}

// With its checksum.
inline Bytes rtu(std::initializer_list<unsigned> values) {
    Bytes frame = bytes(values);
    const auto sum = crc(frame);
    frame.push_back(static_cast<std::byte>(sum & 0xffU));
    frame.push_back(static_cast<std::byte>(sum >> 8U));
    return frame;
}

inline std::string text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace bulkhead::passthrough::modbus::test
