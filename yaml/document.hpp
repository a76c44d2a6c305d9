// YAML text as a tree whose every node knows its place. The subset that people write by hand and nothing that
// can surprise: one document, no aliases, anchors, tags or merge keys, bounded in size, depth and number.
// The only module that includes libyaml.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::yaml {

inline constexpr std::size_t longest_document = 1024 * 1024;  // bytes
inline constexpr std::size_t deepest_node = 32;
inline constexpr std::size_t most_parts = 100'000;  // keys, values, starts and ends
inline constexpr std::size_t most_errors = 100;     // told of one document

// Both count from 1; columns are characters, as editors show them.
struct Mark {
    std::size_t line = 1;
    std::size_t column = 1;
    auto operator<=>(const Mark&) const = default;
};

enum class Kind { null, scalar, list, map };

struct Node {
    Kind kind = Kind::null;
    Mark at;
    std::string text;     // of a scalar
    bool quoted = false;  // a scalar in quotes or as a block: "true" is a text, true is a boolean
    std::string key;      // if it is a value of a map
    Mark key_at;
    std::vector<Node> children;  // of a list, or the values of a map; keys are unique

    // The value under `key`, or null.
    const Node* find(std::string_view key) const;
};

// "factory.yaml:14:9".
std::string place(std::string_view file_name, Mark at);

// A map, a list, a scalar `'fast'`, nothing: as a person would call it.
std::string describe(const Node& node);

// The root of the document, or all of its errors. `file_name` is for their places only.
std::expected<Node, Errors> parse(std::string_view text, std::string_view file_name);

// The bytes of a file, a pipe, or standard input ("-"). A file that is too large is refused unread, a pipe as
// soon as it has given too much.
Result<std::string> read_document(const std::string& path);

}  // namespace bulkhead::yaml
