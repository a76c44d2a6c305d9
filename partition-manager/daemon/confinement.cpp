#include "partition-manager/daemon/confinement.hpp"

#include <linux/capability.h>

#include <array>

#include "base/file.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t profile_limit = 64 * 1024;

constexpr std::array kept{
    CAP_NET_ADMIN,     // taps, links, filters
    CAP_BPF,           // maps and programs of the switch
    CAP_SYS_ADMIN,     // mounting bpffs; what CAP_BPF does not cover on older kernels
    CAP_SYS_RESOURCE,  // memory of maps on kernels that count it
    CAP_PERFMON,       // programs that read packet memory
    CAP_DAC_OVERRIDE,  // volumes and sockets that libvirt gave to QEMU's user
    CAP_CHOWN,         // and giving them back; nodes of IOMMU groups
    CAP_FOWNER,
    CAP_KILL,  // an owner of a serial line that does not end when asked
};

}  // namespace

Result<> confine(const std::filesystem::path& profile) {
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(profile, profile_limit));
    BULKHEAD_TRY_ASSIGN(const auto parsed, policies::parse_profile(text, profile.filename().string()));
    BULKHEAD_TRY(policies::drop_capabilities(kept));
    return policies::enter(parsed, policies::OnViolation::refuse);
}

}  // namespace bulkhead::daemon
