#include "attestation/wire/reader.hpp"

namespace bulkhead::attestation::wire {

std::string_view Reader::bytes(std::size_t count) {
    if (count > rest_.size()) {
        refuse("ends " + std::to_string(count - rest_.size()) + " bytes early");
        return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
}

std::uint64_t Reader::number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : bytes(size)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
}

std::string_view Reader::sized(std::size_t limit) {
    const std::size_t size = u16();
    if (size > limit) {
        refuse("has a buffer of " + std::to_string(size) + " bytes where at most " + std::to_string(limit) +
               " can be");
        return {};
    }
    return bytes(size);
}

void Reader::refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    rest_ = {};
}

Result<> Reader::end(std::string_view what) const {
    if (failed()) return fail(Code::invalid, std::string(what) + " " + why_);
    if (!rest_.empty())
        return fail(Code::invalid,
                    std::string(what) + " has " + std::to_string(rest_.size()) + " bytes after its end");
    return {};
}

}  // namespace bulkhead::attestation::wire
