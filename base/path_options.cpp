#include "base/path_options.hpp"

#include "base/text.hpp"

namespace bulkhead {
namespace {

std::string usage(const std::map<std::string, std::filesystem::path*>& wanted) {
    std::string text;
    for (const auto& [name, path] : wanted) text += (text.empty() ? "" : " ") + name + " PATH";
    return text;
}

}  // namespace

Result<> parse_path_options(std::span<const char* const> arguments,
                            std::map<std::string, std::filesystem::path*> wanted) {
    const std::string all = usage(wanted);
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto known = wanted.find(arguments[i]);
        if (known == wanted.end() || i + 1 == arguments.size())
            return fail(Code::invalid, "'" + printable(arguments[i], 64) + "' is not expected", {}, all);
        *known->second = arguments[i + 1];
        wanted.erase(known);
    }
    if (!wanted.empty()) return fail(Code::invalid, wanted.begin()->first + " is missing", {}, all);
    return {};
}

}  // namespace bulkhead
