#include "vnet/port_table.hpp"

#include <algorithm>
#include <cstring>

#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

PortRecord decode(Slot slot, const switch_port_record& record) {
    PortRecord decoded{
        slot,
        {model::PortName(from_wire(record.name)), model::PartitionName(from_wire(record.partition)),
         record.index, model::ZoneName(from_wire(record.zone)), model::Mac{}, from_wire(record.address)}};
    std::ranges::copy(record.mac, decoded.port.mac.bytes.begin());
    return decoded;
}

switch_port_record encode(const model::Port& port) {
    switch_port_record record{};
    to_wire(port.name.str(), record.name);
    to_wire(port.partition.str(), record.partition);
    to_wire(port.zone.str(), record.zone);
    record.index = port.index;
    record.address = to_wire(port.address);
    std::ranges::copy(port.mac.bytes, record.mac);
    return record;
}

switch_port entry_of(const PortRecord& record) {
    switch_port entry{};
    entry.slot = record.slot;
    entry.address = to_wire(record.port.address);
    std::ranges::copy(record.port.mac.bytes, entry.mac);
    return entry;
}

switch_target target_of(const PortRecord& record, unsigned ifindex) {
    switch_target target{};
    target.ifindex = ifindex;
    std::ranges::copy(record.port.mac.bytes, target.mac);
    return target;
}

template <class T>
bool same_bytes(const std::optional<T>& a, const T& b) {
    return a && std::memcmp(&*a, &b, sizeof b) == 0;
}

Result<> erase_slot(Map<unsigned, switch_port> map, Slot slot) {
    BULKHEAD_TRY_ASSIGN(const auto entries, map.entries());
    for (const auto& [ifindex, entry] : entries)
        if (entry.slot == slot) BULKHEAD_TRY(map.erase(ifindex));
    return {};
}

}  // namespace

Result<std::vector<PortRecord>> PortTable::all() const {
    BULKHEAD_TRY_ASSIGN(const auto entries, program_.port_records().entries());
    std::vector<PortRecord> records;
    for (const auto& [slot, record] : entries)
        if (record.name[0] != '\0') records.push_back(decode(slot, record));
    return records;
}

Result<std::optional<PortRecord>> PortTable::find(const model::PortName& name) const {
    BULKHEAD_TRY_ASSIGN(const auto records, all());
    const auto found =
        std::ranges::find_if(records, [&](const PortRecord& record) { return record.port.name == name; });
    return found == records.end() ? std::nullopt : std::optional(*found);
}

Result<PortRecord> PortTable::record(const model::Port& port) {
    BULKHEAD_TRY_ASSIGN(const auto entries, program_.port_records().entries());
    Slot slot = 0;
    for (const auto& [candidate, record] : entries) {
        if (from_wire(record.name) == port.name.str()) {
            slot = candidate;
            break;
        }
        // Slot 0 counts for interfaces that are nobody's port.
        if (record.name[0] == '\0' && candidate != 0 && slot == 0) slot = candidate;
    }
    if (slot == 0)
        return fail(Code::refused, "the switch has no room for another port", port.name.str(),
                    "at most " + std::to_string(SWITCH_PORTS - 1) + " ports on a gateway");
    const switch_port_record wanted = encode(port);
    PortRecord record{slot, port};
    BULKHEAD_TRY_ASSIGN(const auto present, program_.port_records().find(slot));
    if (same_bytes(present, wanted)) return record;
    if (present && present->name[0] == '\0') BULKHEAD_TRY(program_.port_counters().clear(slot));
    BULKHEAD_TRY(program_.port_records().put(slot, wanted));
    return record;
}

Result<> PortTable::admit(const PortRecord& record, unsigned ifindex) {
    BULKHEAD_TRY(program_.guests().put(ifindex, entry_of(record)));
    BULKHEAD_TRY(program_.sources().put(ifindex, entry_of(record)));
    return program_.targets().put(record.slot, target_of(record, ifindex));
}

Result<bool> PortTable::admits(const PortRecord& record, unsigned ifindex) const {
    BULKHEAD_TRY_ASSIGN(const auto source, program_.sources().find(ifindex));
    BULKHEAD_TRY_ASSIGN(const auto guest, program_.guests().find(ifindex));
    BULKHEAD_TRY_ASSIGN(const auto target, program_.targets().find(record.slot));
    return same_bytes(source, entry_of(record)) && same_bytes(guest, entry_of(record)) &&
           same_bytes(target, target_of(record, ifindex));
}

Result<> PortTable::expel(Slot slot) {
    BULKHEAD_TRY(program_.targets().put(slot, switch_target{}));
    BULKHEAD_TRY(erase_slot(program_.sources(), slot));
    return erase_slot(program_.guests(), slot);
}

Result<> PortTable::forget(Slot slot) {
    return program_.port_records().put(slot, switch_port_record{});
}

}  // namespace bulkhead::vnet
