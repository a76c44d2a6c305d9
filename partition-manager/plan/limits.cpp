#include "partition-manager/plan/limits.hpp"

namespace bulkhead::plan {

Result<> fits(const model::Spec& spec, const model::GatewayHost& host) {
    Bytes memory;
    for (const auto& partition : spec.partitions) {
        memory += partition.memory;
        const auto where = "partition/" + partition.name.str();
        const auto has = "at most the host's " + std::to_string(host.cpus) + " CPUs";
        if (host.cpus == 0) continue;
        if (partition.cpus > host.cpus)
            return fail(Code::unsupported, "cpus: " + std::to_string(partition.cpus), where, has);
        for (const unsigned cpu : partition.pin)
            if (cpu >= host.cpus)
                return fail(Code::unsupported, "pinned to host CPU " + std::to_string(cpu), where,
                            "0 to " + std::to_string(host.cpus - 1));
    }
    if (host.memory.count != 0 && memory > host.memory)
        return fail(Code::unsupported, "all partitions together need " + to_string(memory) + " of memory", {},
                    "at most the host's " + to_string(host.memory), "give the partitions less memory");
    return {};
}

}  // namespace bulkhead::plan
