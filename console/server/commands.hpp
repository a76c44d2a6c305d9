// What bulkhead-console does beside serving: on the database, which may be in use.
#pragma once

#include <ostream>

#include "base/error.hpp"
#include "console/server/options.hpp"

namespace bulkhead::console {

inline constexpr const char* database_name = "console.db";
// Where gateways dial, as the last `serve` told it.
inline constexpr const char* address_name = "address";

// Data goes to `out`, what is for people only to `notes`.
Result<> run_command(const Options& options, std::ostream& out, std::ostream& notes);

}  // namespace bulkhead::console
