// Another process, by a descriptor: never means another one, as a number may.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead {

// Invalid if there is none, with errno.
Fd open_process(pid_t pid);
// Whether it has ended by then. Also: whether a socket has something to read by then.
bool ready_before(int fd, std::chrono::steady_clock::time_point deadline);
// Returns when it is gone. `name`: what it is, for errors.
Result<> kill_process(const Fd& process, const std::string& name);

}  // namespace bulkhead
