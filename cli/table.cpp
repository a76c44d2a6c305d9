#include "cli/table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/width.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest_cell = 512;

// The narrowest that a last column is cut to: a terminal that is narrower wraps.
constexpr std::size_t narrowest = 12;

}  // namespace

void Table::row(std::vector<Cell> cells) {
    cells.resize(columns_.size());
    for (auto& cell : cells) {
        cell.text = printable(cell.text, longest_cell);
        if (cell.text.empty()) cell = Cell("-");
    }
    rows_.push_back({std::move(cells), {}});
}

void Table::beneath(Cell line) {
    line.text = printable(line.text, longest_cell);
    rows_.back().beneath.push_back(std::move(line));
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = display_width(columns_[i].title);
        for (const auto& row : rows_) width = std::max(width, display_width(row.cells[i].text));
        widths.push_back(width);
    }
    return widths;
}

std::string Table::text(bool colour, std::size_t width) const {
    const auto column_widths = widths();
    std::size_t before_last = 0;
    for (std::size_t i = 0; i + 1 < columns_.size(); ++i) before_last += column_widths[i] + columns_[i].gap;
    const std::size_t last = width == 0 ? 0 : width > before_last + narrowest ? width - before_last : 0;

    std::string out;
    const auto add = [&](const Cell& cell, std::size_t i) {
        const bool is_last = i + 1 == columns_.size();
        const std::string content = is_last && last != 0 ? cut_to_width(cell.text, last) : cell.text;
        out += styled(content, cell.style, colour);
        if (is_last)
            out += '\n';
        else
            out.append(column_widths[i] - display_width(content) + columns_[i].gap, ' ');
    };
    for (std::size_t i = 0; i < columns_.size(); ++i) add(Cell(columns_[i].title, Style::bold), i);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < columns_.size(); ++i) add(row.cells[i], i);
        for (const auto& line : row.beneath) out += "  " + styled(line.text, line.style, colour) + "\n";
    }
    return out;
}

}  // namespace bulkhead::cli
