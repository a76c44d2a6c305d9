// Serial lines of the partition: plain ones get their settings, SLCAN ones become CAN interfaces.
#pragma once

#include <map>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

class SerialDevices {
  public:
    // Idempotent. A CAN interface lives as long as this object.
    Result<> set_up(const v1::Device& device);
    // Its adapter was away: opens the CAN channel again. Programs that have sockets on it keep them.
    Result<> open_again(const v1::Device& device);
    bool present(const v1::Device& device) const;

  private:
    std::map<std::string, Fd> can_lines_;  // by device
};

}  // namespace bulkhead::agent
