// -f FILE: the spec as bytes; reading it is the manager's business.
#pragma once

#include <cstddef>
#include <string>

#include "cli/command.hpp"

namespace bulkhead::cli {

inline constexpr std::size_t document_limit = 1024 * 1024;

struct Document {
    std::string name;  // as places name it
    std::string content;
};

Option file_option();
// What differs from site to site (site_values.hpp).
Option values_option();

// "-" is stdin, named <stdin>. With the values of --values filled in.
Outcome<Document> read_document(const Invocation& args);

}  // namespace bulkhead::cli
