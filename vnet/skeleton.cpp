#include "vnet/skeleton.hpp"

#include <bpf/libbpf.h>

namespace bulkhead::vnet {
namespace {

// One of bpf/maps.h, by name; a name that is not there is a defect that the first use tells.
int map_of(const bpf_object& object, const char* name) {
    return bpf_object__find_map_fd_by_name(&object, name);
}

}  // namespace

Maps maps_of(const bpf_object& object) {
    const auto map = [&](const char* name) { return map_of(object, name); };
    return {
        {Map<std::uint32_t, switch_source>(map("sources")),
         Map<switch_address, switch_endpoint>(map("addresses")),
         Map<switch_prefix, std::uint32_t>(map("outside")), Map<std::uint32_t, switch_target>(map("targets")),
         Map<std::uint32_t, std::uint32_t>(map("epoch")), Map<switch_flow, switch_choice>(map("policy")),
         Map<std::uint32_t, switch_rule>(map("rules")), Map<switch_pair, std::uint32_t>(map("pairs")),
         Map<switch_pair, std::uint32_t>(map("passages")),
         Map<switch_arrival_key, switch_arrival>(map("arrivals")),
         Map<std::uint32_t, switch_door>(map("doors")), Map<switch_layer2_key, switch_layer2>(map("layer2")),
         Map<std::uint32_t, switch_zone>(map("zones")), Map<std::uint32_t, switch_tenant>(map("tenants")),
         Map<std::uint32_t, switch_bucket>(map("buckets"))},
        {Map<std::uint32_t, switch_port_record>(map("port_records")),
         Map<switch_rule_record, std::uint32_t>(map("rule_records")),
         Map<std::uint32_t, std::uint32_t>(map("conduit_records"))},
        {Map<switch_connection_key, switch_connection>(map("connections")),
         Map<std::uint32_t, std::uint32_t>(map("usage")), Map<switch_local_key, switch_local>(map("locals")),
         Map<switch_denial_key, switch_denial>(map("denials")),
         Counters<switch_port_counters>(map("port_counters")),
         Counters<switch_conduit_counters>(map("conduit_counters"))}};
}

}  // namespace bulkhead::vnet
