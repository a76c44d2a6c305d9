// A gateway's YAML comes from people and, later, from the console: whatever the bytes, there is a spec or
// there are errors, each in one printable line with its place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "spec/validate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto spec = bulkhead::spec::read_spec(text, "f.yaml");
    if (spec) return 0;
    if (spec.error().empty() || spec.error().size() > bulkhead::yaml::most_errors + 1) std::abort();
    for (const auto& error : spec.error()) {
        const auto line = error.text();
        if (!line.starts_with("f.yaml") || line.size() > 8192 || bulkhead::printable(line, 8192) != line)
            std::abort();
    }
    return 0;
}
