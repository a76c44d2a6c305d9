// Interfaces of the partition, found by their MAC. All by ioctl (netdevice(7), arp(7), rtnetlink's older
// brother): no library, and what is there already is left alone.
#pragma once

#include <string>

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

// Address, up, routes and permanent neighbours. Neighbours and routes that are no longer wanted are removed,
// so that it may be called with every change. An address that is to be asked for (`dhcp`) is not set, and
// until it is there, neither are routes and neighbours.
Result<> set_up_interface(const v1::Interface& wanted);

// By its MAC address. Code::not_found if there is none.
Result<std::string> find_interface(const std::string& mac);
// Whether it has the address that is wanted.
Result<bool> has_address(const v1::Interface& wanted);

Result<> bring_up(const std::string& interface);
Result<> bring_down(const std::string& interface);

}  // namespace bulkhead::agent
