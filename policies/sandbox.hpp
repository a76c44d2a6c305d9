// What a program may no longer do: system calls by profile, capabilities by list. The only module that knows
// libseccomp.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "policies/profile.hpp"

namespace bulkhead::policies {

enum class OnViolation {
    refuse,  // the call fails with EPERM
    log,     // the call is made, and the kernel's audit log tells
    kill,    // the process dies of SIGSYS
};

// Confines all threads of this process, for good, and sets no_new_privs. System calls of other architectures
// (i386, x32) kill the process whatever the policy is. A name that this libseccomp doesn't know is
// Code::unsupported.
Result<> enter(const Profile& profile, OnViolation on_violation);

// As enter(), for the calling thread and its children, with a supervisor: a violation waits until
// refuse_next() answers it on the returned descriptor, which is close-on-exec. If every copy of it is
// closed, violations fail with ENOSYS.
Result<Fd> enter_supervised(const Profile& profile);

// Answers one pending violation with EPERM and returns the system call's name; nothing if the caller died
// meanwhile. Call when `listener` is readable.
Result<std::optional<std::string>> refuse_next(int listener);

// Checks that every name in it is a system call here.
Result<> check_names(const Profile& profile);

// Gives up every capability but `keep` (CAP_NET_ADMIN, ... of <linux/capability.h>) in all sets of the
// calling thread, the bounding set included. Call before threads start.
Result<> drop_capabilities(std::span<const int> keep);

// Only the bounding set: what an exec could give. Changes nothing that is held now.
Result<> shrink_bounding_set(std::span<const int> keep);

// After this, exec gives no new rights: no set-user-ID, no file capabilities.
Result<> forbid_new_privileges();

}  // namespace bulkhead::policies
