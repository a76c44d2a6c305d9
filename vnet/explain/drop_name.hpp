// Names of the reasons why a frame is dropped, as counters and people know them.
#pragma once

#include <string_view>

#include "vnet/bpf/layout.h"

namespace bulkhead::vnet::explain {

constexpr std::string_view drop_name(switch_drop drop) {
    switch (drop) {
#define SWITCH_DROP_NAME(name) \
    case switch_drop_##name:   \
        return #name;
        SWITCH_DROPS(SWITCH_DROP_NAME)
#undef SWITCH_DROP_NAME
        case switch_drop_count:
            break;
    }
    return "unknown";
}

}  // namespace bulkhead::vnet::explain
