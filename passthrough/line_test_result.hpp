// What became of a pattern that went out of a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bulkhead::passthrough {

struct LineTestResult {
    std::uint32_t number = 0;  // as asked
    std::string refused;       // why there was none; nothing below counts then
    std::uint32_t sent = 0;    // bytes that the terminal took
    std::uint32_t heard = 0;
    std::uint32_t wrong = 0;                 // of those heard, not the ones sent
    std::chrono::milliseconds took{0};       // from the first byte sent to the last one heard
    std::chrono::milliseconds line_time{0};  // that the line's speed makes of as many as were sent
    bool passed() const { return refused.empty() && sent != 0 && heard == sent && wrong == 0; }
    bool operator==(const LineTestResult&) const = default;
};

struct LineTestOrder {
    static constexpr std::uint32_t most_bytes = 4096;
    std::uint32_t number = 0;  // not 0
    std::uint32_t bytes = 0;
};

}  // namespace bulkhead::passthrough
