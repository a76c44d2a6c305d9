#include "passthrough/serial_lines.hpp"

#include <algorithm>
#include <chrono>

#include "passthrough/owner_connection.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;

// The slowest line has 1200 bit/s, and 12 bits a character.
constexpr std::chrono::milliseconds longest_test(std::uint32_t bytes) {
    return 5s + 2 * std::chrono::milliseconds(bytes * 12 * 1000 / 1200);
}

}  // namespace

Result<LineTestResult> SerialLines::test(const model::DeviceName& device, std::uint32_t bytes) const {
    // No two tests of one owner have one number, whoever asks.
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const LineTestOrder order{std::max(1U, static_cast<std::uint32_t>(now / 1000)), bytes};
    BULKHEAD_TRY_ASSIGN(auto owner, OwnerConnection::open(control(device)));
    return owner.test(order, longest_test(bytes));
}

std::vector<std::string> SerialLines::own_arguments(const model::Assignment& assignment) const {
    std::vector<std::string> own{"--line", model::to_string(assignment.line)};
    if (auto rules = to_string(assignment.rules); !rules.empty()) {
        own.emplace_back("--guard");
        own.push_back(std::move(rules));
    }
    return own;
}

}  // namespace bulkhead::passthrough
