#include "cli/style.hpp"

namespace bulkhead::cli {
namespace {

std::string_view sgr(Style style) {
    switch (style) {
        case Style::plain:
            return "";
        case Style::bold:
            return "\x1B[1m";
        case Style::dim:
            return "\x1B[2m";
        case Style::good:
            return "\x1B[32m";
        case Style::warn:
            return "\x1B[33m";
        case Style::bad:
            return "\x1B[1;31m";
    }
    return "";
}

}  // namespace

std::string styled(std::string_view text, Style style, bool colour) {
    if (!colour || style == Style::plain || text.empty()) return std::string(text);
    return std::string(sgr(style)) + std::string(text) + "\x1B[0m";
}

}  // namespace bulkhead::cli
