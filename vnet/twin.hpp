// The live programs' twin: the same instructions over the live policy, with a memory of its own. Asking it
// changes nothing and sends nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "vnet/bpf/layout.h"

namespace bulkhead::vnet {

class Program;
struct Skeleton;

class Twin {
  public:
    using Connection = std::pair<switch_connection_key, switch_connection>;

    // Sees what `program` sees, also later.
    static Result<std::unique_ptr<Twin>> open(const Program& program);
    Twin(const Twin&) = delete;
    Twin& operator=(const Twin&) = delete;
    ~Twin();

    // What would become of a frame that comes in over the interface while these connections are open and no
    // others. A tag stands in the frame. `segment`: of a super-frame, the bytes in one segment; else 0.
    Result<switch_explained> ask(std::span<const std::byte> frame, unsigned ifindex,
                                 const std::vector<Connection>& connections = {}, unsigned segment = 0);
    // Whether the second check would let a frame out over one interface that came in over the other.
    Result<bool> may_leave(std::span<const std::byte> frame, unsigned ifindex, unsigned came_over);

  private:
    explicit Twin(std::unique_ptr<Skeleton> skeleton);
    Result<> remember(const std::vector<Connection>& connections);

    std::unique_ptr<Skeleton> skeleton_;
};

}  // namespace bulkhead::vnet
