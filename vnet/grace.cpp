#include "vnet/grace.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::vnet {

Result<> wait_for_frames_on_their_way() {
    if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0)
        return fail_errno("can't wait for the switch's programs");
    return {};
}

}  // namespace bulkhead::vnet
