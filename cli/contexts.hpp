// The consoles and gateways that a person works with, in $XDG_CONFIG_HOME/bulkhead/contexts.yaml (0600: it
// holds sessions).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/endpoint.hpp"

namespace bulkhead::cli {

struct Contexts {
    std::string current;  // empty: the machine's own manager
    std::vector<Endpoint> all;

    const Endpoint* find(const std::string& name) const;
    void put(Endpoint endpoint);  // in place of the one of its name
    bool remove(const std::string& name);
};

// Code::not_found: neither XDG_CONFIG_HOME nor HOME is set.
Result<std::filesystem::path> contexts_path();
// A file that is not there has none.
Result<Contexts> read_contexts(const std::filesystem::path& path);
Result<> write_contexts(const std::filesystem::path& path, const Contexts& contexts);
std::unexpected<Error> no_such_context(const Contexts& contexts, const std::string& name);

}  // namespace bulkhead::cli
