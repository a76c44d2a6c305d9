// Strong names: a PartitionName is not a TenantName, though both are strings.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace bulkhead {

template <class Tag>
class Name {
  public:
    Name() = default;
    explicit Name(std::string text) : text_(std::move(text)) {}
    const std::string& str() const { return text_; }
    bool empty() const { return text_.empty(); }
    auto operator<=>(const Name&) const = default;

  private:
    std::string text_;
};

// RFC 1123 label: 1 to `longest` of a-z, 0-9 and '-', starting and ending with a letter or digit.
bool is_label(std::string_view text, std::size_t longest = 63);

// The entry of `known` that is nearest to `word` by edit distance, or "" if none is near.
template <class Range>
std::string nearest(std::string_view word, const Range& known);

std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string nearest(std::string_view word, const Range& known) {
    std::string best;
    std::size_t distance = word.size() < 4 ? 2 : 1 + word.size() / 3;
    for (const auto& candidate : known) {
        const std::string_view view{candidate};
        if (const auto d = edit_distance(word, view); d < distance) {
            best = std::string(view);
            distance = d;
        }
    }
    return best;
}

}  // namespace bulkhead

template <class Tag>
struct std::hash<bulkhead::Name<Tag>> {
    std::size_t operator()(const bulkhead::Name<Tag>& name) const noexcept {
        return std::hash<std::string>{}(name.str());
    }
};
