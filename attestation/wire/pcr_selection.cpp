#include "attestation/wire/pcr_selection.hpp"

#include <array>

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::wire {
namespace {
constexpr std::size_t bank_limit = 16;   // HASH_COUNT of any TPM that is
constexpr std::size_t select_limit = 4;  // bytes of a bitmap: 32 registers
}  // namespace

std::string encode_selection(const std::vector<unsigned>& pcrs) {
    std::array<std::uint8_t, pcr_count / 8> bitmap{};
    for (const unsigned pcr : pcrs)
        if (pcr < pcr_count)
            bitmap.at(pcr / 8) = static_cast<std::uint8_t>(bitmap.at(pcr / 8) | 1U << pcr % 8);
    Writer writer;
    writer.u32(1).u16(alg_sha256).u8(bitmap.size());
    for (const std::uint8_t byte : bitmap) writer.u8(byte);
    return writer.take();
}

std::vector<PcrSelection> read_selections(Reader& reader) {
    const std::size_t count = reader.u32();
    if (count > bank_limit) reader.refuse("selects from " + std::to_string(count) + " banks");
    std::vector<PcrSelection> selections;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        PcrSelection selection{.hash = reader.u16(), .pcrs = {}};
        const std::size_t size = reader.u8();
        if (size > select_limit) reader.refuse("has a PCR bitmap of " + std::to_string(size) + " bytes");
        unsigned pcr = 0;
        for (const char byte : reader.bytes(reader.failed() ? 0 : size))
            for (unsigned bit = 0; bit < 8; ++bit, ++pcr)
                if ((static_cast<unsigned char>(byte) >> bit & 1U) != 0) selection.pcrs.push_back(pcr);
        selections.push_back(std::move(selection));
    }
    return selections;
}

}  // namespace bulkhead::attestation::wire
