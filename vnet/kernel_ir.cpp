#include "vnet/kernel_ir.hpp"

namespace bulkhead::vnet {
namespace {

template <class Key, class Value>
Result<> read(const Map<Key, Value>& map, Table<Key, Value>& table) {
    BULKHEAD_TRY_ASSIGN(const auto entries, map.entries());
    for (const auto& [key, value] : entries) table.emplace_hint(table.end(), key, value);
    return {};
}

// An array has every index; those that are zero say nothing.
template <class Value>
Result<> read_array(const Map<std::uint32_t, Value>& map, Table<std::uint32_t, Value>& table) {
    BULKHEAD_TRY_ASSIGN(const auto entries, map.entries());
    for (const auto& [key, value] : entries)
        if (!same_bytes(value, Value{})) table.emplace_hint(table.end(), key, value);
    return {};
}

Result<> read_ports(const PolicyMaps& maps, Ir& ir) {
    BULKHEAD_TRY(read(maps.sources, ir.sources));
    BULKHEAD_TRY(read(maps.addresses, ir.addresses));
    BULKHEAD_TRY(read(maps.outside, ir.outside));
    BULKHEAD_TRY(read_array(maps.targets, ir.targets));
    BULKHEAD_TRY(read(maps.arrivals, ir.arrivals));
    return read(maps.doors, ir.doors);
}

}  // namespace

Result<Ir> read_ports(const PolicyMaps& maps) {
    Ir ir;
    BULKHEAD_TRY(read_ports(maps, ir));
    return ir;
}

Result<Ir> read_ir(const PolicyMaps& maps) {
    Ir ir;
    BULKHEAD_TRY_ASSIGN(const auto epoch, maps.epoch.find(0));
    ir.epoch = epoch.value_or(0);
    BULKHEAD_TRY(read_ports(maps, ir));
    BULKHEAD_TRY(read(maps.policy, ir.policy));
    BULKHEAD_TRY(read_array(maps.rules, ir.rules));
    BULKHEAD_TRY(read(maps.pairs, ir.pairs));
    BULKHEAD_TRY(read(maps.passages, ir.passages));
    BULKHEAD_TRY(read(maps.layer2, ir.layer2));
    BULKHEAD_TRY(read_array(maps.zones, ir.zones));
    BULKHEAD_TRY(read_array(maps.tenants, ir.tenants));
    BULKHEAD_TRY(read_array(maps.buckets, ir.buckets));
    return ir;
}

}  // namespace bulkhead::vnet
