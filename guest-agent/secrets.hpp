// The application's secrets, as files of a file system that is memory. The host says
// when they are there: from when the partition was proved trusted, until it is untrusted.
#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"
#include "guest-agent/launch.hpp"

namespace bulkhead::agent {

// Makes the folder hold exactly these, each readable by `owner` alone. A name that could leave the folder is
// refused, and then nothing is changed. None: the folder goes.
Result<> put_secrets(const std::filesystem::path& folder, const v1::Secrets& secrets,
                     const std::optional<User>& owner);

}  // namespace bulkhead::agent
