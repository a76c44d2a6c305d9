// One TPM 2.0 command and its response (Part 1, clause 18; Part 3) over a file descriptor: /dev/tpmrm0, or a
// socket of swtpm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::attestation::guest {

inline constexpr std::uint32_t password_session = 0x40000009;  // TPM_RS_PW

struct Command {
    const char* what;  // "quote": for errors
    std::uint32_t code = 0;
    std::vector<std::uint32_t> handles;
    std::vector<std::uint32_t> sessions;  // one for each handle that wants authorisation; passwords are empty
    std::string parameters;
    bool gives_handle = false;
};

struct Response {
    std::uint32_t handle = 0;
    std::string parameters;
};

// Writes the command, and reads the whole response or fails within `patience_ms`.
inline constexpr int patience_ms = 20'000;
Result<Response> run(int fd, const Command& command);

}  // namespace bulkhead::attestation::guest
