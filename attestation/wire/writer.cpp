#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::wire {

Writer& Writer::bytes(std::string_view bytes) {
    text_ += bytes;
    return *this;
}

Writer& Writer::sized(std::string_view bytes) {
    return u16(static_cast<std::uint16_t>(bytes.size())).bytes(bytes);
}

Writer& Writer::number(std::uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0;) text_ += static_cast<char>(value >> (8 * i) & 0xffU);
    return *this;
}

}  // namespace bulkhead::attestation::wire
