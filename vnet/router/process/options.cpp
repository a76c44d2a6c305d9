#include "vnet/router/process/options.hpp"

#include "base/path_options.hpp"

namespace bulkhead::vnet::router {

Result<Options> parse_options(std::span<const char* const> arguments) {
    Options options;
    BULKHEAD_TRY(parse_path_options(
        arguments,
        {{"--config", &options.config}, {"--control", &options.control}, {"--folder", &options.folder}}));
    return options;
}

}  // namespace bulkhead::vnet::router
