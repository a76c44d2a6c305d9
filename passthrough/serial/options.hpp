#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::passthrough::serial {

struct Options {
    model::Assignment assignment;
    std::filesystem::path socket;   // QEMU connects here
    std::filesystem::path control;  // the partition manager connects here
    std::string socket_user = "libvirt-qemu";
};

// --device NAME --partition NAME --token N --at PATH --line '9600 8N1' --socket PATH --control PATH
// [--socket-user NAME] [--guard RULES]; every one but those in brackets must be there, once.
Result<Options> parse_options(std::span<const char* const> arguments);

// The user id of that name; nothing if the host has no such user.
std::optional<uid_t> user_of(const std::string& name);

}  // namespace bulkhead::passthrough::serial
