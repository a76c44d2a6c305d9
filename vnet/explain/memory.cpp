#include "vnet/explain/memory.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace bulkhead::vnet::explain {
namespace {

// A reset counts if it is not far behind, and not further ahead than a receive window goes (RFC 5961, 3.2, as
// far as one can who does not know the window).
constexpr std::int32_t most_behind = 1 << 16;
constexpr std::int32_t most_ahead = 1 << 23;

std::int32_t distance(std::uint32_t to, std::uint32_t from) {
    return static_cast<std::int32_t>(to - from);
}

bool is_near(std::uint32_t number, std::uint32_t expected) {
    const std::int32_t ahead = distance(number, expected);
    return ahead >= -most_behind && ahead <= most_ahead;
}

// Before the other side has answered: its answer must be one to the SYN that was seen.
std::optional<Connection> after_first_segments(Connection connection, const Tcp& tcp, unsigned side) {
    if (side == 0 && opens(tcp)) {
        connection.expected[1] = tcp.sequence + 1;
        return connection;
    }
    const std::uint32_t number = side == 0 ? tcp.sequence : tcp.acknowledged;
    if (!is_near(number, connection.expected[1])) return std::nullopt;
    if (tcp.has(Tcp::rst) && (side == 0 || tcp.has(Tcp::ack))) {
        connection.state = switch_closed;
        return connection;
    }
    if (side == 0 || !tcp.has(Tcp::syn) || !tcp.has(Tcp::ack)) return std::nullopt;
    connection.expected[0] = tcp.sequence + 1;
    connection.state = switch_established;
    return connection;
}

}  // namespace

const Connection* Memory::find(const switch_connection_key& key) const {
    const auto found = connections.find(key);
    return found == connections.end() ? nullptr : &found->second;
}

unsigned Memory::used(std::uint16_t tenant) const {
    const auto others = unlisted.find(tenant);
    const auto listed =
        std::ranges::count_if(connections, [&](const auto& row) { return row.second.tenant == tenant; });
    return static_cast<unsigned>(listed) + (others == unlisted.end() ? 0 : others->second);
}

void Memory::take(const Change& change) {
    if (change.after)
        connections.insert_or_assign(change.key, *change.after);
    else
        connections.erase(change.key);
}

bool is_low(const Ends& ends) {
    return switch_is_low(&ends.from, htons(ends.from_port), &ends.to, htons(ends.to_port)) != 0;
}

switch_connection_key connection_key(const Ends& ends) {
    const bool low = is_low(ends);
    switch_connection_key key{};
    key.low = low ? ends.from : ends.to;
    key.high = low ? ends.to : ends.from;
    key.low_port = htons(low ? ends.from_port : ends.to_port);
    key.high_port = htons(low ? ends.to_port : ends.from_port);
    key.transport = ends.transport;
    return key;
}

bool opens(const Tcp& tcp) {
    return tcp.has(Tcp::syn) && !tcp.has(Tcp::ack);
}

std::optional<Connection> after_segment(const Connection& before, const Tcp& tcp, unsigned side) {
    if (before.state == switch_opening) return after_first_segments(before, tcp, side);
    Connection connection = before;
    // A SYN again, or of one that forgot: of who opened it. An answer to one: of the other.
    if (tcp.has(Tcp::syn)) return tcp.has(Tcp::ack) == (side == 1) ? std::optional(connection) : std::nullopt;
    if (tcp.has(Tcp::rst)) {
        if (!is_near(tcp.sequence, connection.expected[1 - side])) return std::nullopt;
        connection.state = switch_closed;
        return connection;
    }
    if (distance(tcp.acknowledged, connection.expected[side]) > 0)
        connection.expected[side] = tcp.acknowledged;
    if (tcp.has(Tcp::fin)) {
        connection.finished |= static_cast<std::uint8_t>(1U << side);
        if (connection.state != switch_closed)
            connection.state = connection.finished == 3 ? switch_closed : switch_closing;
    }
    return connection;
}

}  // namespace bulkhead::vnet::explain
