// The same promise for the policy's file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "policies/gateway_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto policy = bulkhead::policies::read_policy(
        std::string_view(reinterpret_cast<const char*>(data), size), "p.yaml");
    if (policy) return 0;
    for (const auto& error : policy.error()) {
        const auto line = error.text();
        if (!line.starts_with("p.yaml") || bulkhead::printable(line, 8192) != line) std::abort();
    }
    return 0;
}
