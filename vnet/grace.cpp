#include "vnet/grace.hpp"

#include <bpf/bpf.h>

#include <cstdint>

#include "base/fd.hpp"
#include "vnet/bpf_error.hpp"

namespace bulkhead::vnet {
namespace {

Result<Fd> make_map(bpf_map_type type, std::uint32_t value_size, const bpf_map_create_opts& options) {
    Fd map(::bpf_map_create(type, "bh_grace", sizeof(std::uint32_t), value_size, 1, &options));
    if (!map) return fail_bpf(-1, "can't make a map to wait for the switch's programs by");
    return map;
}

}  // namespace

// Whoever changes a map of maps goes on when all programs that run then have ended, since they may hold the
// map that was taken out. membarrier(2) waits for the same, but not on a gateway whose processors are kept
// free of the tick for control loops (nohz_full), where it is refused, nor on one with a single processor.
Result<> wait_for_frames_on_their_way() {
    BULKHEAD_TRY_ASSIGN(const Fd inner, make_map(BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t),
                                                 {.sz = sizeof(bpf_map_create_opts)}));
    const bpf_map_create_opts of_maps{.sz = sizeof(bpf_map_create_opts),
                                      .inner_map_fd = static_cast<std::uint32_t>(inner.get())};
    BULKHEAD_TRY_ASSIGN(const Fd outer, make_map(BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(std::uint32_t), of_maps));
    const std::uint32_t place = 0;
    const int map = inner.get();
    if (const int result = ::bpf_map_update_elem(outer.get(), &place, &map, BPF_ANY); result != 0)
        return fail_bpf(result, "can't wait for the switch's programs");
    return {};
}

}  // namespace bulkhead::vnet
