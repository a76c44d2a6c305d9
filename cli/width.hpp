#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bulkhead::cli {

// Columns that valid UTF-8 takes on a terminal: 0 for combining marks, 2 for East Asian Wide and Fullwidth
// (UAX #11) and for pictographs, else 1. Does not depend on the locale.
std::size_t display_width(std::string_view text);

// At most `width` columns of the text; an ellipsis is the last one if something was cut.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace bulkhead::cli
