#include "base/name.hpp"

#include <algorithm>
#include <vector>

namespace bulkhead {

bool is_label(std::string_view text, std::size_t longest) {
    const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= longest && alnum(text.front()) && alnum(text.back()) &&
           std::ranges::all_of(text, [&](char c) { return alnum(c) || c == '-'; });
}

// Levenshtein distance by one row; both words are cut at 64 characters, enough for any key or name of ours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, 64);
    b = b.substr(0, 64);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace bulkhead
