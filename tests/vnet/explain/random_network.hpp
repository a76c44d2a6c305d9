// Networks by chance: every kind of port, rules between whoever may be an end, and interfaces to stand on.
#pragma once

#include <random>
#include <vector>

#include "vnet/ir.hpp"

namespace bulkhead::vnet::test {

using Random = std::mt19937_64;

inline unsigned below(Random& random, std::size_t limit) {
    return limit == 0 ? 0 : static_cast<unsigned>(random() % limit);
}
inline bool chance(Random& random, unsigned in) {
    return below(random, in) == 0;
}
template <class T>
const T& one_of(Random& random, const std::vector<T>& all) {
    return all.at(below(random, all.size()));
}

// `interfaces`: numbers of real ones, as many as a network may use.
Network random_network(Random& random, const std::vector<unsigned>& interfaces);

}  // namespace bulkhead::vnet::test
