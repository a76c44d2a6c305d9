// Memory that frames on their way may still read. The kernel gives that of an entry which a hash lost, or had
// replaced, to the next entry at once: a program that found the first one may then read the second, and take
// one port for another. Where an entry says who somebody is, the next one waits until all who may read it are
// through.
#pragma once

#include "base/error.hpp"

namespace bulkhead::vnet {

// Programs run inside read-side critical sections of RCU, and this waits for all that run: some milliseconds.
// Linux 4.19 (maybe_wait_bpf_programs).
Result<> wait_for_frames_on_their_way();

class Grace {
  public:
    void owe() { owed_ = true; }
    Result<> settle() {
        if (owed_) BULKHEAD_TRY(wait_for_frames_on_their_way());
        owed_ = false;
        return {};
    }

  private:
    bool owed_ = false;
};

}  // namespace bulkhead::vnet
