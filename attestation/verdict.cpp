#include "attestation/verdict.hpp"

#include "attestation/reasons.hpp"
#include "base/text.hpp"

namespace bulkhead::attestation {
namespace {
constexpr std::size_t shown_limit = 200;  // bytes of a value that somebody else chose
}  // namespace

std::string_view to_string(Status status) {
    switch (status) {
        case Status::unknown:
            return "unknown";
        case Status::trusted:
            return "trusted";
        case Status::untrusted:
            return "untrusted";
        case Status::stale:
            return "stale";
    }
    return "unknown";
}

Finding finding_of(const Reason& reason, std::string expected, std::string seen) {
    return {.reason = std::string(reason.word),
            .text = std::string(reason.meaning),
            .expected = printable(expected, shown_limit),
            .seen = printable(seen, shown_limit)};
}

}  // namespace bulkhead::attestation
