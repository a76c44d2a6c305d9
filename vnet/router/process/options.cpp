#include "vnet/router/process/options.hpp"

#include <map>
#include <string>

#include "base/text.hpp"

namespace bulkhead::vnet::router {

Result<Options> parse_options(std::span<const char* const> arguments) {
    Options options;
    std::map<std::string, std::filesystem::path*> missing{
        {"--config", &options.config}, {"--control", &options.control}, {"--folder", &options.folder}};
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto known = missing.find(arguments[i]);
        if (known == missing.end() || i + 1 == arguments.size())
            return fail(Code::invalid, "'" + printable(arguments[i], 64) + "' is not expected", {},
                        "--config PATH --control PATH --folder PATH");
        *known->second = arguments[i + 1];
        missing.erase(known);
    }
    if (!missing.empty()) return fail(Code::invalid, missing.begin()->first + " is missing");
    return options;
}

}  // namespace bulkhead::vnet::router
