// TCP sockets that stand for others: they take connections to any address, and make them from any
// (IP_TRANSPARENT, ip(7)).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet::guard {

struct End {
    std::string address;  // as model::to_string() has it
    std::uint16_t port = 0;
    auto operator<=>(const End&) const = default;
};

// On this port of every address of the family (AF_INET or AF_INET6).
Result<Fd> listen_everywhere(int family, std::uint16_t port);

struct Accepted {
    Fd socket;
    End client;
    End server;  // that it meant
};
// Code::unavailable if nobody waits.
Result<Accepted> accept_from(int listener);

// Begins a connection from `client`, from a port that the kernel chooses and `from` tells, to `server`.
struct Begun {
    Fd socket;
    End from;
};
Result<Begun> begin_connection(const std::string& client, const End& server);

// What became of it: 0 once it stands.
int error_of(int socket);
// Whoever is at the other end learns that this did not end well: a reset.
void reset_at_close(int socket);

}  // namespace bulkhead::vnet::guard
