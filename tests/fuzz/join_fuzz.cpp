// What a person pastes: a join string is read or refused in one printable line, and what was read prints as
// it came; a server's chain of certificates is read or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "crypto/join_string.hpp"
#include "crypto/pinned_chain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bulkhead;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto join = crypto::parse_join_string(text)) {
        const auto again = crypto::parse_join_string(crypto::to_string(*join));
        if (!again || *again != *join) std::abort();
    } else if (printable(join.error().text(), 8192) != join.error().text()) {
        std::abort();
    }
    (void)crypto::check_pinned_chain(text, crypto::any_ca, {}, {}, "server");
    return 0;
}
