// IPv4 as the kernel's structures have it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::agent {

Result<in_addr> parse_ipv4(const std::string& text);
// They hold an address in a general sockaddr.
sockaddr as_sockaddr(in_addr address);
// For ioctl(2): addresses, routes and flags are set on any socket.
Result<Fd> control_socket();

}  // namespace bulkhead::agent
