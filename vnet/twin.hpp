// The live programs' twin: the same instructions over the live policy, with a memory of its own. Asking it
// changes nothing and sends nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "vnet/bpf/layout.h"
#include "vnet/moment.hpp"

namespace bulkhead::vnet {

class Program;
struct Skeleton;

class Twin {
  public:
    // Sees what `program` sees, also later.
    static Result<std::unique_ptr<Twin>> open(const Program& program);
    Twin(const Twin&) = delete;
    Twin& operator=(const Twin&) = delete;
    ~Twin();

    // What would become of a frame that comes in over the interface if the switch remembered this and no
    // more. A tag stands in the frame. `segment`: of a super-frame, the bytes in one segment; else 0.
    Result<switch_explained> ask(std::span<const std::byte> frame, unsigned ifindex,
                                 const Moment& moment = {}, unsigned segment = 0);
    // Whether the second check would let a frame out over one interface that came in over the other.
    Result<bool> may_leave(std::span<const std::byte> frame, unsigned ifindex, unsigned came_over);

  private:
    explicit Twin(std::unique_ptr<Skeleton> skeleton);
    Result<> remember(const Moment& moment);

    std::unique_ptr<Skeleton> skeleton_;
    Moment held_;
};

}  // namespace bulkhead::vnet
