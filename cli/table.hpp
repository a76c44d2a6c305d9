// Columns of text, padded by display width.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/style.hpp"

namespace bulkhead::cli {

struct Cell {
    std::string text;
    Style style = Style::plain;
    Cell() = default;
    Cell(std::string content, Style look = Style::plain) : text(std::move(content)), style(look) {}
    Cell(const char* content) : text(content) {}
};

class Table {
  public:
    struct Column {
        std::string title;
        std::size_t gap = 3;  // blanks to the next column
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // An empty cell prints as "-". Control characters are dropped: cells hold words of guests.
    void row(std::vector<Cell> cells);
    // A line of its own under the last row.
    void beneath(Cell line);

    bool empty() const { return rows_.empty(); }
    // `width` columns at most if it is not 0: the last column is cut, the others never are.
    std::string text(bool colour, std::size_t width = 0) const;

  private:
    struct Row {
        std::vector<Cell> cells;
        std::vector<Cell> beneath;
    };
    std::vector<std::size_t> widths() const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

}  // namespace bulkhead::cli
