// Starts a tenant's application in its confinement: own user, no capability, no new privileges, limits, and a
// seccomp filter that the agent supervises.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "policies/profile.hpp"

namespace bulkhead::agent {

struct User {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  // supplementary
};

// From /etc/passwd and /etc/group.
Result<User> find_user(std::string_view name);

struct Command {
    std::filesystem::path program;
    std::vector<std::string> arguments;    // behind the program's name
    std::vector<std::string> environment;  // KEY=value, all there is
    std::filesystem::path folder = "/";
    std::optional<User> user;  // absent: stay who we are (tests)
};

struct Launched {
    pid_t pid = 0;  // leads a process group of its own
    Fd output;      // its stdout, non-blocking
    Fd errors;      // its stderr, non-blocking
    Fd violations;  // of policies::refuse_next()
};

// Returns once the program runs (its exec succeeded), or says why it can't.
Result<Launched> launch(const Command& command, const policies::Profile& profile);

}  // namespace bulkhead::agent
