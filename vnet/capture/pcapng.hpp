// Captured frames as pcapng (draft-ietf-opsawg-pcapng), in the byte order of this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::vnet::capture {

struct CapturedFrame {
    std::size_t interface = 0;        // by its place in the file's head
    bool outgoing = false;            // to whoever is at the interface; else from there
    std::chrono::nanoseconds time{};  // since 1970, UTC
    std::string bytes;                // with its tag
    std::size_t whole = 0;            // bytes that it had
};

// A section and its interfaces: what a file begins with.
std::string capture_head(const std::vector<std::string>& interfaces);
std::string capture_block(const CapturedFrame& frame);

}  // namespace bulkhead::vnet::capture
