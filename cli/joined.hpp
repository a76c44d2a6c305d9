// Words as one text: "a, b, c".
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::cli {

template <class Words>
std::string joined(const Words& words, std::string_view between = ", ") {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += between;
        text += word;
    }
    return text;
}

}  // namespace bulkhead::cli
