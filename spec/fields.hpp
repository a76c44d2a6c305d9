// Checks and words that fields of every noun share.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "spec/findings.hpp"

namespace bulkhead::spec {

// Values in messages: one line, bounded.
std::string printed(std::string_view value);
std::string in_quotes(std::string_view value);
// "a, b, c"; a long list is cut.
std::string enumerated(const std::vector<std::string>& words);
// "one of a, b, c", or "none, for there is none".
std::string one_of(const std::vector<std::string>& words);
// The last part of a path: memory, or allow[2].
std::string field_name(std::string_view path);

// Tells that a required value is missing.
void missing(Findings& findings, const std::string& path, std::string wanted);

// A name: required, a label of at most `longest` characters.
bool check_label(Findings& findings, const std::string& path, const std::string& value,
                 std::size_t longest = 63);
// A text for people: no control characters, at most `longest` bytes. An empty one is fine.
void check_text(Findings& findings, const std::string& path, const std::string& value, std::size_t longest);
// The same, and required.
void check_required_text(Findings& findings, const std::string& path, const std::string& value,
                         std::size_t longest);
// A required number in [low, high].
bool check_range(Findings& findings, const std::string& path, std::uint32_t value, std::uint32_t low,
                 std::uint32_t high);
// A required size in whole MiB, at least `least`.
std::optional<Bytes> check_size(Findings& findings, const std::string& path, const std::string& value,
                                Bytes least);
// An optional rate in bits per second; 0 if absent, or wrong, which is told.
std::uint64_t check_rate(Findings& findings, const std::string& path, const std::string& value);
// An optional IEEE 802.1Q tag; 0 if absent.
unsigned check_vlan(Findings& findings, const std::string& path, std::uint32_t value);
// A required name of a network interface of the host (at most 15 characters, as the kernel has them).
bool check_card(Findings& findings, const std::string& path, const std::string& value);

// An absolute path without '.', '..', empty parts or anything but visible ASCII; at most 255 bytes.
bool check_absolute_path(Findings& findings, const std::string& path, const std::string& value,
                         std::string wanted);
// How many of `count` to look at: all, unless there are more than `most`, which is told.
std::size_t check_count(Findings& findings, const std::string& path, int count, std::size_t most);

std::string item(std::string_view list, std::size_t index);  // partitions[0]

// Values that must not be there twice, each with the path of its first appearance.
class Unique {
  public:
    // The path of the first appearance, or null if this is the first.
    const std::string* put(const std::string& value, const std::string& path);

  private:
    std::map<std::string, std::string> first_;
};

}  // namespace bulkhead::spec
