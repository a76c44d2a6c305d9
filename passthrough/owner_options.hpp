// What the process that owns a device is told on its command line, whatever kind of device it is.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::passthrough {

struct OwnerOptions {
    model::Assignment assignment;
    std::filesystem::path socket;   // QEMU connects here
    std::filesystem::path control;  // the partition manager connects here
    std::string socket_user = "libvirt-qemu";
    std::filesystem::path through;  // of a line that several have: the terminal that stands for it
};

// Options of one kind of device alone, beside those of all.
struct OwnKinds {
    std::span<const std::string_view> required;
    std::span<const std::string_view> optional;
};

struct OwnerArguments {
    OwnerOptions options;
    std::map<std::string_view, std::string> own;  // those of its kind; one that was not given is not in it
};

// --device NAME --partition NAME --token N --at PLACE --socket PATH --control PATH [--socket-user NAME]
// [--terms TEXT], and those of its kind; every one but the optional ones must be there, once. Kind, place and
// all that is of the kind is the caller's to judge.
Result<OwnerArguments> parse_owner_arguments(std::span<const char* const> arguments, const OwnKinds& kinds);

// The same the other way round, without those of its kind.
std::vector<std::string> owner_command(std::string_view program, const OwnerOptions& options);

// The user id of that name; nothing if the host has no such user.
std::optional<uid_t> user_of(const std::string& name);

}  // namespace bulkhead::passthrough
