// Devices of the partition. Plain serial lines get their settings, SLCAN ones become CAN interfaces, CAN
// controllers on the PCI bus are brought up, serial ports there and what is plugged in at a USB port get
// their names.
#pragma once

#include <map>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

class Devices {
  public:
    // Idempotent. A CAN interface lives as long as this object.
    Result<> set_up(const v1::Device& device);
    // Its adapter was away: opens the CAN channel again. Programs that have sockets on it keep them.
    Result<> open_again(const v1::Device& device);
    bool present(const v1::Device& device) const;
    // To be called now and then: a USB device comes and goes.
    static void look_after(const v1::Device& device);
    // What an application calls it: /dev/ttyS1, slcan0, can0, /dev/bulkhead/NAME, or a PCI address. Of
    // several interfaces the first.
    std::string name_of(const v1::Device& device) const;

  private:
    static Result<> set_up_function(const v1::Device& device);

    std::map<std::string, Fd> can_lines_;  // by device
};

}  // namespace bulkhead::agent
