#include "partition-manager/hypervisor/capabilities.hpp"

#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unix_socket.hpp"
#include "partition-manager/hypervisor/reach.hpp"

namespace bulkhead::hypervisor {
namespace {

// Debian, then others: the same file of the qboot project.
constexpr std::array firmware_paths{"/usr/share/qemu/qboot.rom", "/usr/share/qemu-kvm/qboot.rom",
                                    "/usr/share/qboot/bios.bin"};

bool is_there(const std::filesystem::path& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

Capability check_file(std::string name, const std::filesystem::path& path, std::string package) {
    if (is_there(path)) return {.name = std::move(name), .detail = path.string()};
    return {.name = std::move(name),
            .verdict = Verdict::missing,
            .detail = path.string() + " is not there",
            .mend = "run: apt-get install " + std::move(package)};
}

Capability check_limit(std::string name, bool usable, const std::string& without) {
    if (usable) return {.name = std::move(name), .detail = "held by cgroups"};
    return {.name = std::move(name), .verdict = Verdict::limited, .detail = without};
}

Capability check_user() {
    if (const passwd* user = ::getpwnam(qemu_user); user != nullptr)
        return {.name = "qemu-user",
                .detail = std::string(qemu_user) + ", uid " + std::to_string(user->pw_uid)};
    return {.name = "qemu-user",
            .verdict = Verdict::missing,
            .detail = std::string("there is no user ") + qemu_user,
            .mend = "run: apt-get install libvirt-daemon-system"};
}

Capability check_log_daemon() {
    constexpr const char* path = "/run/libvirt/virtlogd-sock";
    if (connect_unix(path)) return {.name = "virtlogd", .detail = path};
    return {.name = "virtlogd",
            .verdict = Verdict::missing,
            .detail = "does not answer",
            .mend = is_there("/run/systemd/system") ? "run: systemctl start virtlogd" : "run: virtlogd -d"};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::good:
            return "good";
        case Verdict::limited:
            return "limited";
        case Verdict::missing:
            return "missing";
    }
    return "missing";
}

HostSupport probe_host_support(const std::string& mounts) {
    HostSupport support{.cpu_limit = false, .memory_limit = false, .io_weight = false};
    for (const char* path : firmware_paths) {
        if (!is_there(path)) continue;
        support.firmware = path;
        break;
    }
    for (const auto& line : split_text(mounts, '\n')) {
        const auto fields = split_text(line, ' ');
        if (fields.size() < 4) continue;
        const std::filesystem::path path = fields[1];
        if (fields[2] == "cgroup") {
            support.cpu_limit |= is_there(path / "cpu.cfs_quota_us");
            support.memory_limit |= is_there(path / "memory.limit_in_bytes");
            support.io_weight |= is_there(path / "blkio.weight") || is_there(path / "blkio.bfq.weight");
        } else if (fields[2] == "cgroup2") {
            // The root has no limits of its own, only the list of what its children may have.
            const auto list = read_file(path / "cgroup.controllers", 4096);
            for (const auto& controller : split_text(trimmed(list ? *list : std::string()), ' ')) {
                support.cpu_limit |= controller == "cpu";
                support.memory_limit |= controller == "memory";
                support.io_weight |= controller == "io";
            }
        }
    }
    return support;
}

namespace {

// With a memory limit libvirt raises QEMU's limit on locked memory to it, which takes CAP_SYS_RESOURCE (bit
// 24, capabilities(7)): a container may lack it, and then no domain with a limit starts.
bool may_lock_memory() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_max == RLIM_INFINITY) return true;
    const auto status = read_file("/proc/self/status", 1 << 20);
    for (const auto& line : split_text(status ? *status : std::string(), '\n')) {
        if (line.starts_with("CapEff:")) return (std::strtoull(line.c_str() + 7, nullptr, 16) >> 24 & 1) != 0;
    }
    return false;
}

}  // namespace

HostSupport probe_host_support() {
    // Not a regular file in size, but read_file() does not rely on that.
    const auto mounts = read_file("/proc/mounts", 4 * 1024 * 1024);
    auto support = probe_host_support(mounts ? *mounts : std::string());
    support.memory_limit = support.memory_limit && may_lock_memory();
    return support;
}

std::vector<Capability> capabilities(Connection& connection, const model::Accelerator& accelerator,
                                     const HostSupport& host) {
    std::vector<Capability> found;
    if (const auto facts = connection.host(); facts)
        found.push_back({.name = "libvirt", .detail = facts->versions});
    else
        found.push_back({.name = "libvirt",
                         .verdict = Verdict::missing,
                         .detail = facts.error().what,
                         .mend = facts.error().mend});
    found.push_back(check_log_daemon());
    found.push_back(check_user());
    found.push_back(check_file("qemu", "/usr/bin/qemu-system-x86_64", "qemu-system-x86"));
    found.push_back(check_file("firmware", host.firmware, "qemu-system-data"));
    found.push_back(check_file("mke2fs", "/usr/sbin/mke2fs", "e2fsprogs"));
    found.push_back({.name = "accelerator",
                     .verdict = accelerator.name == "kvm" ? Verdict::good : Verdict::limited,
                     .detail = accelerator.name + " (" + accelerator.reason + ")"});
    found.push_back(
        check_limit("cpu-limit", host.cpu_limit,
                    "the kernel has no cgroup that limits CPU time: partitions may slow each other down"));
    found.push_back(check_limit(
        "memory-limit", host.memory_limit,
        "no memory cgroup, or no CAP_SYS_RESOURCE to use it: what QEMU itself takes is not bounded"));
    found.push_back(
        check_limit("io-weight", host.io_weight,
                    "the kernel's I/O scheduler has no weights (bfq or cgroup v2 io): ioWeight is ignored"));
    return found;
}

}  // namespace bulkhead::hypervisor
