// Colours of a terminal (ECMA-48 SGR). They only repeat what the words say already.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::cli {

enum class Style { plain, bold, dim, good, warn, bad };

// `text` in that style if `colour`, else as it is.
std::string styled(std::string_view text, Style style, bool colour);

}  // namespace bulkhead::cli
