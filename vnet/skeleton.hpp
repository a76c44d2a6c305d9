// The object with the programs, as bpftool wrapped it. For program.cpp and twin.cpp.
#pragma once

#include <memory>

#include "vnet/bpf/switch.skel.h"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {

struct Skeleton {
    struct Destroy {
        void operator()(bulkhead_switch* skeleton) const { bulkhead_switch__destroy(skeleton); }
    };
    std::unique_ptr<bulkhead_switch, Destroy> bpf;
};

// Valid as long as the object is.
Maps maps_of(const bpf_object& object);

}  // namespace bulkhead::vnet
