// An order for the plain structs of the maps, which have no padding: by their bytes.
#pragma once

#include <cstring>
#include <type_traits>

namespace bulkhead::vnet {

template <class T>
struct BytesLess {
    static_assert(std::has_unique_object_representations_v<T>);
    bool operator()(const T& a, const T& b) const { return std::memcmp(&a, &b, sizeof a) < 0; }
};

template <class T>
bool same_bytes(const T& a, const T& b) {
    static_assert(std::has_unique_object_representations_v<T>);
    return std::memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace bulkhead::vnet
