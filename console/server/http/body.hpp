// A request's JSON body: a flat object whose keys are known. Hostile until it is read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace bulkhead::console::http {

inline constexpr std::size_t longest_name = 128;  // of a user, a role or a tenant in a body

class Body {
  public:
    // Empty text is an empty object. Errors: no JSON, no object, a key that is not among `known` or stands
    // twice, a value that is neither text nor a whole number from 0.
    static Result<Body> read(std::string_view text, std::initializer_list<std::string_view> known);

    // A key that must be there, not empty, and of `limit` bytes at most.
    Result<std::string> text(std::string_view key, std::size_t limit) const;
    // Empty if it is not there.
    Result<std::string> optional_text(std::string_view key, std::size_t limit) const;
    Result<std::uint64_t> number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                 std::uint64_t otherwise) const;

  private:
    std::map<std::string, std::variant<std::string, std::uint64_t>, std::less<>> values_;
};

// The name of the gateway in a DSSE envelope's payload, whose signature nobody has checked yet: only to see
// that an envelope was sent to the gateway that it is for.
Result<std::string> gateway_of_envelope(std::string_view envelope);

}  // namespace bulkhead::console::http
