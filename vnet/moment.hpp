// What the switch remembers at one moment, as far as one frame can ask for it: read from the kernel, then
// told to both who are asked what would become of the frame.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "vnet/bpf/layout.h"
#include "vnet/explain/evaluate.hpp"

namespace bulkhead::vnet {

struct Maps;

struct Moment {
    std::uint64_t now = 0;                                                         // ns, CLOCK_MONOTONIC
    std::vector<std::pair<switch_connection_key, switch_connection>> connections;  // the frame's own, if any
    std::vector<std::pair<std::uint32_t, switch_bucket>> buckets;  // those it could be held to
    std::vector<std::pair<std::uint32_t, std::uint32_t>> usage;    // connections by tenant
    std::vector<std::pair<switch_local_key, switch_local>> locals;
};

// The clock of the programs (bpf_ktime_get_ns), in ns.
std::uint64_t clock_of_the_switch();

// Reads moments for frames that come in over one interface. What frames have in common is read once.
class Moments {
  public:
    static Result<Moments> open(const Maps& maps, const Ir& ir, std::uint32_t ifindex);
    // Of now.
    Result<Moment> read(std::span<const std::uint8_t> frame) const;

  private:
    Moments(const Maps& maps, const Ir& ir, std::uint32_t ifindex)
        : maps_(maps), ir_(ir), ifindex_(ifindex) {}
    Result<> read_usage();
    Result<> read_connection(std::span<const std::uint8_t> frame, Moment& moment) const;
    Result<> read_buckets(std::span<const std::uint8_t> frame, Moment& moment) const;

    const Maps& maps_;
    const Ir& ir_;
    std::uint32_t ifindex_;
    Moment common_;
};

// The same for the interpreter.
explain::Memory memory_of(const Moment& moment);

}  // namespace bulkhead::vnet
