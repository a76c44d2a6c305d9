// One run of swtpm: its command line, its control channel, and the lock on its state.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::trust {

// Starts a program with these descriptors under the numbers 3, 4, ... and as this user.
using Launch =
    std::function<Result<>(const std::vector<std::string>& argv, const std::vector<int>& fds, uid_t user)>;

struct Swtpm {
    std::filesystem::path program;
    std::filesystem::path state;  // folder of its own user
    uid_t user = 0;
    const Launch& launch;

    // Serves one connection by the TPM's commands alone, and ends with it. Makes a new TPM if the folder is
    // empty.
    Result<Fd> serve(std::string_view key) const;
    // Waits for QEMU on a listening socket of ours; ends when QEMU does.
    Result<> listen(std::string_view key, const Fd& socket) const;
    // Whoever used the state before has let go of it.
    Result<> wait_until_free() const;
};

// Ends one that listens there and has no client; none is fine.
void shut_down_swtpm(const std::filesystem::path& socket);

}  // namespace bulkhead::trust
