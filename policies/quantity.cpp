#include "policies/quantity.hpp"

#include "base/units.hpp"

namespace bulkhead::policies {

std::string_view to_string(Quantity quantity) {
    switch (quantity) {
        case Quantity::partition_cpus:
            return "partition.cpus";
        case Quantity::partition_memory:
            return "partition.memory";
        case Quantity::volume_size:
            return "volume.size";
        case Quantity::bundle_size:
            return "bundle.size";
        case Quantity::bundles_size:
            return "bundles.size";
    }
    return "?";
}

std::string amount_text(Quantity quantity, std::uint64_t amount) {
    return quantity == Quantity::partition_cpus ? std::to_string(amount) : to_string(Bytes{amount});
}

Result<std::uint64_t> parse_amount(Quantity quantity, std::string_view text) {
    if (quantity == Quantity::partition_cpus) return parse_number(text, 0, 1024);
    BULKHEAD_TRY_ASSIGN(const Bytes bytes, parse_bytes(text));
    return bytes.count;
}

}  // namespace bulkhead::policies
