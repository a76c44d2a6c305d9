// Interfaces of the partition, found by their MAC. All by ioctl (netdevice(7), arp(7), rtnetlink's older
// brother): no library, and what is there already is left alone.
#pragma once

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

// Address, up, routes and permanent neighbours. Neighbours and routes that are no longer wanted are removed,
// so that it may be called with every change.
Result<> set_up_interface(const v1::Interface& wanted);

Result<> bring_up(const std::string& interface);
Result<> bring_down(const std::string& interface);

}  // namespace bulkhead::agent
