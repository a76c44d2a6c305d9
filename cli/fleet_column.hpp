// The column that says of which gateway each line is, where there is more than one.
#pragma once

#include <algorithm>
#include <vector>

#include "cli/table.hpp"

namespace bulkhead::cli {

// Whether a list needs a column that says of which gateway each line is.
template <class List>
bool is_of_a_fleet(const List& list) {
    return std::ranges::any_of(list.items(),
                               [&](const auto& item) { return item.gateway() != list.items(0).gateway(); });
}

// The first of a line's cells, if its list is of a fleet.
template <class Item>
void put_gateway(std::vector<Cell>& cells, const Item& item, bool fleet) {
    if (fleet) cells.insert(cells.begin(), Cell(item.gateway()));
}

inline std::vector<Table::Column> with_gateway(std::vector<Table::Column> columns, bool fleet) {
    if (fleet) columns.insert(columns.begin(), {"GATEWAY"});
    return columns;
}

}  // namespace bulkhead::cli
