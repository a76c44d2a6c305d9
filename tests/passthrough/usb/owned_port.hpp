// A folder with one USB port in it: where its sockets and record go, and the process that owns it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/passthrough/line.hpp"

namespace bulkhead::testing_support {

// Of a bus that no kernel has: nothing is ever plugged in there.
inline const std::string empty_port = "255-1";

inline std::unique_ptr<Child> start_usb_owner(const Line& folder, std::uint64_t token = 1,
                                              const std::string& at = empty_port,
                                              const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{
        program("BULKHEAD_USB"), "--device", "rs485-1", "--partition", "press",         "--token",
        std::to_string(token),   "--at",     at,        "--socket",    folder.socket(), "--control",
        folder.control()};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<Child>(command);
}

}  // namespace bulkhead::testing_support
