// What the switch remembers of the frames before, as a value: what a frame finds in it, and what it leaves
// there.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "vnet/explain/packet.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet::explain {

// switch_connection without its clock and its counters. Index 0 is who opened it, 1 the other.
struct Connection {
    Slot from = 0;
    Slot to = 0;
    std::array<Slot, 2> way{};
    RuleNumber rule = 0;
    std::uint32_t epoch = 0;                  // of the last look into the policy
    std::array<std::uint32_t, 2> expected{};  // TCP: the next sequence number that each side expects
    std::uint16_t tenant = 0;
    bool low_opened = false;
    std::uint8_t state = switch_opening;
    std::uint8_t finished = 0;  // TCP: bit n: n has sent a FIN
    std::uint8_t leg = switch_straight;
    bool operator==(const Connection&) const = default;
};

// What a frame did to one connection: `after` is empty if it was taken away.
struct Change {
    switch_connection_key key{};
    std::optional<Connection> after;
};
struct Learned {
    switch_local_key key{};
    switch_local value{};
};

struct Memory {
    Table<switch_connection_key, Connection> connections;  // without those that are over
    Table<switch_local_key, switch_local> locals;
    std::map<std::uint16_t, unsigned> unlisted;   // connections of a tenant that count and are not above
    Table<std::uint32_t, switch_bucket> buckets;  // one that is missing limits nothing
    std::uint64_t now = 0;                        // ns, of the clock by which the buckets fill

    const Connection* find(const switch_connection_key& key) const;
    unsigned used(std::uint16_t tenant) const;
    void take(const Change& change);
};

// The one key of both directions, from the side of whoever has `from`.
struct Ends {
    switch_address from{};
    std::uint16_t from_port = 0;
    switch_address to{};
    std::uint16_t to_port = 0;
    std::uint8_t transport = 0;
};
bool is_low(const Ends& ends);  // `from`
switch_connection_key connection_key(const Ends& ends);

// Whether a TCP segment opens a connection.
bool opens(const Tcp& tcp);
// The connection after a segment of side 0 or 1; nothing if it can't have that segment (tcp_state).
std::optional<Connection> after_segment(const Connection& connection, const Tcp& tcp, unsigned side);

}  // namespace bulkhead::vnet::explain
