// What this host can and can't do for partitions, by name: for people (`bulkhead doctor`) and for the driver.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/observed.hpp"
#include "partition-manager/hypervisor/connection.hpp"
#include "partition-manager/hypervisor/domain_xml.hpp"

namespace bulkhead::hypervisor {

enum class Verdict {
    good,
    limited,  // partitions run, but something promised is not kept
    missing,  // partitions can't run
};
std::string_view to_string(Verdict verdict);

struct Capability {
    std::string name;
    Verdict verdict = Verdict::good;
    std::string detail;
    std::string mend;  // empty if nothing has to be, or can be, mended
    bool operator==(const Capability&) const = default;
};

// Looks at the cgroup hierarchies in `mounts` (text of /proc/mounts) as libvirt will.
HostSupport probe_host_support(const std::string& mounts);
// Of this host. Call once at the start, with root's rights still whole.
HostSupport probe_host_support();

std::vector<Capability> capabilities(Connection& connection, const model::Accelerator& accelerator,
                                     const HostSupport& host);

}  // namespace bulkhead::hypervisor
