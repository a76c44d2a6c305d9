// The built web UI, served from a folder. What may be served is found once, when it is opened: a request
// picks one of those names, and no path is ever made of what it says.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/error.hpp"
#include "console/server/http/exchange.hpp"

namespace bulkhead::console::http {

class Assets {
  public:
    // None: a page that says that there is no web UI.
    Assets() = default;
    // Code::invalid if there is no index.html.
    static Result<Assets> open(const std::filesystem::path& folder);

    // index.html for every path that names no file: the page has routes of its own.
    Response answer(const Request& request) const;

  private:
    explicit Assets(std::map<std::string, std::filesystem::path> files) : files_(std::move(files)) {}
    std::map<std::string, std::filesystem::path> files_;  // by the path of the request
};

// With every answer.
Pairs security_headers();

}  // namespace bulkhead::console::http
