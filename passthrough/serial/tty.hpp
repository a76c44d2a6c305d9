// One terminal device, opened for us alone and set to the line's settings.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "model/serial_line.hpp"

namespace bulkhead::passthrough::serial {

// Opens `path` raw, non-blocking, never as controlling terminal, with stale bytes of both directions gone.
// Refuses what is no terminal without opening it, a terminal that another owner has, settings that the port
// can't do, and a stale link: a pty's number goes to whoever opens one next, so a link older than the pty
// that it leads to leads to a stranger's terminal.
Result<Fd> open_tty(const std::string& path, const model::SerialLine& line);

// Whether `path` still leads to the open terminal `fd`.
bool leads_to(const std::string& path, int fd);

}  // namespace bulkhead::passthrough::serial
