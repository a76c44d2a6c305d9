// Sorted pages of a list that may change between two of them: a page's token is the key of its last item, so
// nothing is shown twice and nothing is passed over.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "crypto/encoding.hpp"

namespace bulkhead::console {

struct Order {
    std::string field;  // name, site, health, attestation, last_seen
    bool descends = false;
    std::size_t size = 100;
    std::string after;  // key
};
// Errors name what a list can be sorted by.
Result<Order> order_of(const bulkhead::v1alpha1::ListRequest& request);

template <class View>
struct Keyed {
    std::string key;  // what is sorted by, then name and gateway: unique
    View view;
};
// Sorts by byte; text that people see is lower case.
inline std::string key_of(const std::string& sorted_by, const std::string& name, const std::string& gateway) {
    return sorted_by + '\0' + name + '\0' + gateway;
}

// Fills items and next of a list.
template <class View, class List>
void fill_page(std::vector<Keyed<View>> all, const Order& order, List& list) {
    const auto before = [&](const std::string& a, const std::string& b) {
        return order.descends ? b < a : a < b;
    };
    std::ranges::sort(all, before, &Keyed<View>::key);
    auto next = order.after.empty() ? all.begin()
                                    : std::ranges::upper_bound(all, order.after, before, &Keyed<View>::key);
    for (std::size_t count = 0; next != all.end() && count < order.size; ++count, ++next)
        *list.add_items() = std::move(next->view);
    if (next != all.end()) list.set_next(crypto::to_base64url(std::prev(next)->key));
}

}  // namespace bulkhead::console
