#include "console/server/http/router.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t longest_in_path = 253;  // a DNS name

bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= longest_in_path && printable(text, longest_in_path) == text;
}

std::optional<std::map<std::string, std::string, std::less<>>> match(const std::vector<std::string>& pattern,
                                                                     const std::vector<std::string>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::map<std::string, std::string, std::less<>> names;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const auto& wanted = pattern[at];
        if (!wanted.starts_with('{')) {
            if (wanted != path[at]) return std::nullopt;
        } else if (is_name(path[at])) {
            names.emplace(wanted.substr(1, wanted.size() - 2), path[at]);
        } else {
            return std::nullopt;
        }
    }
    return names;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
}

std::variant<Router::Found, Router::WrongMethod, Router::Nothing> Router::find(std::string_view method,
                                                                               std::string_view path) const {
    const auto segments = split_text(path, '/');
    const auto wanted = method == "HEAD" ? "GET" : method;
    WrongMethod wrong;
    for (const auto& route : routes_) {
        auto names = match(split_text(route.pattern, '/'), segments);
        if (!names) continue;
        if (route.method == wanted) return Found{&route, *std::move(names)};
        wrong.allowed += (wrong.allowed.empty() ? "" : ", ") + route.method;
    }
    if (wrong.allowed.empty()) return Nothing{};
    return wrong;
}

}  // namespace bulkhead::console::http
