// A bundle is a stranger's bytes until its signature is verified: every input is read or refused in words,
// and what was read lies within the input.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "images/bundle/bundle.hpp"

namespace {

void check(const bulkhead::Error& error) {
    const auto line = error.text();
    if (error.what.empty() || bulkhead::printable(line, 16384) != line) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead::images;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    // The parsers behind digests, which no mutation would get past.
    if (const auto document = read_bundle_document(input, "b.yaml"); !document)
        for (const auto& error : document.error()) check(error);
    if (const auto files = read_tar(input, {1000}, "b.tar"); !files)
        check(files.error());
    else
        for (const auto& file : *files)
            if (!file.content.empty() &&
                (file.content.data() < input.data() || file.content.end() > input.end()))
                std::abort();
    const auto layout = layout_of_tar(input, {}, "b.tar");
    if (!layout) {
        check(layout.error());
        return 0;
    }
    const auto bundle = read_bundle(*layout, "b.tar");
    if (!bundle) {
        check(bundle.error());
        return 0;
    }
    if (const auto signer = verify_bundle(*bundle, {}, "b.tar"); signer) std::abort();  // nobody is trusted
    return 0;
}
