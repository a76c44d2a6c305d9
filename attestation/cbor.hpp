// The part of CBOR that the log is made of (RFC 8949, core deterministic encoding, clause 4.2.1): unsigned
// integers, byte and text strings, and maps of known size. Everything else, and every longer form than
// needed, is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::attestation {

class CborWriter {
  public:
    CborWriter& number(std::uint64_t value) { return head(0, value); }
    CborWriter& bytes(std::string_view bytes);
    CborWriter& text(std::string_view text);
    CborWriter& map(std::size_t pairs) { return head(5, pairs); }
    std::string take() { return std::move(text_); }

  private:
    CborWriter& head(unsigned major, std::uint64_t value);
    std::string text_;
};

// After something that is not as asked for, everything else reads as zero or empty, and failed() says so.
class CborReader {
  public:
    explicit CborReader(std::string_view bytes) : rest_(bytes) {}
    std::uint64_t number() { return head(0); }
    std::string_view bytes(std::size_t limit) { return string(2, limit); }
    std::string_view text(std::size_t limit);  // valid UTF-8
    // At most `limit` pairs; the caller reads them.
    std::size_t map(std::size_t limit);
    // A key that must come next.
    void key(std::uint64_t wanted);
    void refuse(std::string why);

    bool failed() const { return !why_.empty(); }
    const std::string& why() const { return why_; }
    std::string_view rest() const { return rest_; }

  private:
    std::uint64_t head(unsigned wanted_major);
    std::string_view string(unsigned major, std::size_t limit);
    std::string_view rest_;
    std::string why_;
};

}  // namespace bulkhead::attestation
