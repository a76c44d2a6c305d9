// Frames that the kernel makes by itself, as if an interface had received them: what is left to be measured
// is the way from there on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::bench {

class Injector {
  public:
    // Into that interface of the caller's network namespace. Linux 5.18, root.
    static Result<Injector> open(const std::string& interface);

    // Returns when all went their way as far as the kernel takes them in softirq.
    Result<> send(const std::vector<std::uint8_t>& frame, unsigned count) const;

  private:
    Injector(Fd program, Fd resident, unsigned ifindex)
        : program_(std::move(program)), resident_(std::move(resident)), ifindex_(ifindex) {}

    Fd program_;
    Fd resident_;
    unsigned ifindex_;
};

}  // namespace bulkhead::bench
