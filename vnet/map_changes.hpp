// Differences between tables, written to maps.
#pragma once

#include "vnet/grace.hpp"
#include "vnet/ir.hpp"
#include "vnet/map.hpp"

namespace bulkhead::vnet {

template <class Key, class Value>
bool same_entry(const Table<Key, Value>& table, const Key& key, const Value& value) {
    const auto found = table.find(key);
    return found != table.end() && same_bytes(found->second, value);
}

// Those of `after` that are not so in `before`.
template <class Key, class Value>
Result<> put_changes(Map<Key, Value> map, const Table<Key, Value>& before, const Table<Key, Value>& after) {
    for (const auto& [key, value] : after)
        if (!same_entry(before, key, value)) BULKHEAD_TRY(map.put(key, value));
    return {};
}

template <class Key, class Value>
Result<> erase_gone(Map<Key, Value> map, const Table<Key, Value>& before, const Table<Key, Value>& after) {
    for (const auto& [key, value] : before)
        if (!after.contains(key)) BULKHEAD_TRY(map.erase(key));
    return {};
}

// As above, of a hash whose entries say who somebody is.
template <class Key, class Value>
Result<> put_changes(Map<Key, Value> map, const Table<Key, Value>& before, const Table<Key, Value>& after,
                     Grace& grace) {
    for (const auto& [key, value] : after) {
        if (same_entry(before, key, value)) continue;
        BULKHEAD_TRY(grace.settle());
        BULKHEAD_TRY(map.put(key, value));
        if (before.contains(key)) grace.owe();
    }
    return {};
}

template <class Key, class Value>
Result<> erase_gone(Map<Key, Value> map, const Table<Key, Value>& before, const Table<Key, Value>& after,
                    Grace& grace) {
    for (const auto& [key, value] : before) {
        if (after.contains(key)) continue;
        grace.owe();
        BULKHEAD_TRY(map.erase(key));
    }
    return {};
}

// Of an array, where nothing can be erased.
template <class Value>
Result<> clear_gone(Map<std::uint32_t, Value> map, const Table<std::uint32_t, Value>& before,
                    const Table<std::uint32_t, Value>& after) {
    for (const auto& [index, value] : before)
        if (!after.contains(index)) BULKHEAD_TRY(map.put(index, Value{}));
    return {};
}

}  // namespace bulkhead::vnet
