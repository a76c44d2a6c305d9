#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::spec {

// An IANA time zone name that this host's zone database has. Where there is no database at all (tzdata is not
// installed) the form of the name must do.
Result<> check_time_zone(const std::string& name,
                         const std::filesystem::path& database = "/usr/share/zoneinfo");

}  // namespace bulkhead::spec
