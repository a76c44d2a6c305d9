#include "vnet/router/process/tenant_namespace.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/file.hpp"
#include "base/program.hpp"

namespace bulkhead::vnet::router {
namespace {

Result<> run_ip(const std::filesystem::path& batch) {
    const std::array<std::string, 2> arguments{"-batch", batch.string()};
    return run_program("/usr/sbin/ip", arguments, {}, "apt install iproute2");
}

// Files of /proc/sys are written in place.
Result<> write_setting(const std::string& path, std::string_view value) {
    BULKHEAD_TRY_ASSIGN(const Fd file, open_file("/proc/sys/net/" + path, O_WRONLY));
    if (::write(file.get(), value.data(), value.size()) < 0)
        return fail_errno("can't write " + std::string(value), path);
    return {};
}

}  // namespace

Result<TenantNamespace> TenantNamespace::enter() {
    BULKHEAD_TRY_ASSIGN(Fd host, open_file("/proc/self/ns/net", O_RDONLY));
    if (::unshare(CLONE_NEWNET) != 0) return fail_errno("can't make a network namespace");
    BULKHEAD_TRY_ASSIGN(Fd own, open_file("/proc/self/ns/net", O_RDONLY));
    return TenantNamespace(std::move(host), std::move(own));
}

Result<> TenantNamespace::run_batch(const std::filesystem::path& batch) const {
    return run_ip(batch);
}

Result<> TenantNamespace::run_batch_in_host(const std::filesystem::path& batch) const {
    if (::setns(host_.get(), CLONE_NEWNET) != 0) return fail_errno("can't enter the host's namespace");
    const auto done = run_ip(batch);
    // Nothing of ours may happen among the host's interfaces.
    if (::setns(own_.get(), CLONE_NEWNET) != 0) std::abort();
    return done;
}

// By our descriptor, not by our number: while a batch runs in the host's namespace, so do we.
std::filesystem::path TenantNamespace::path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(own_.get());
}

std::set<std::string> TenantNamespace::interfaces() const {
    struct Free {
        void operator()(struct if_nameindex* list) const { ::if_freenameindex(list); }
    };
    std::set<std::string> names;
    const std::unique_ptr<struct if_nameindex, Free> list(::if_nameindex());
    for (const auto* each = list.get(); each != nullptr && each->if_index != 0; ++each)
        names.insert(each->if_name);
    return names;
}

Result<> settle_namespace() {
    for (const auto& [path, value] :
         {std::pair{"ipv4/conf/all/accept_redirects", "0"},
          std::pair{"ipv4/conf/default/accept_redirects", "0"},
          std::pair{"ipv4/conf/all/send_redirects", "0"}, std::pair{"ipv4/conf/default/send_redirects", "0"},
          // The ruleset judges sources: an uplink's answers may take another way.
          std::pair{"ipv4/conf/all/rp_filter", "0"}, std::pair{"ipv4/conf/default/rp_filter", "0"},
          std::pair{"ipv4/ip_forward", "1"}})
        BULKHEAD_TRY(write_setting(path, value));
    for (const auto& [path, value] :
         {std::pair{"ipv6/conf/default/disable_ipv6", "1"}, std::pair{"ipv6/conf/default/accept_ra", "0"},
          std::pair{"ipv6/conf/all/forwarding", "1"}})
        if (const auto written = write_setting(path, value);
            !written && written.error().code != Code::not_found)
            return written;  // a kernel without IPv6 has nothing to switch off
    return {};
}

Result<> allow_ipv6(const std::string& interface) {
    return write_setting("ipv6/conf/" + interface + "/disable_ipv6", "0");
}

}  // namespace bulkhead::vnet::router
