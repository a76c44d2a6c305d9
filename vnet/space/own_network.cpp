#include "vnet/space/own_network.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/program.hpp"

namespace bulkhead::vnet {
namespace {

Result<> run_ip(const std::vector<std::string>& arguments) {
    return run_program("/usr/sbin/ip", arguments, {}, "apt install iproute2");
}

}  // namespace

Result<OwnNetwork> OwnNetwork::enter() {
    BULKHEAD_TRY_ASSIGN(Fd host, open_file("/proc/self/ns/net", O_RDONLY));
    if (::unshare(CLONE_NEWNET) != 0) return fail_errno("can't make a network namespace");
    BULKHEAD_TRY_ASSIGN(Fd own, open_file("/proc/self/ns/net", O_RDONLY));
    return OwnNetwork(std::move(host), std::move(own));
}

Result<> OwnNetwork::run_batch(const std::filesystem::path& batch) const {
    return run_ip({"-batch", batch.string()});
}

Result<> OwnNetwork::run_batch6(const std::filesystem::path& batch) const {
    return run_ip({"-6", "-batch", batch.string()});
}

Result<> OwnNetwork::run_batch_in_host(const std::filesystem::path& batch) const {
    if (::setns(host_.get(), CLONE_NEWNET) != 0) return fail_errno("can't enter the host's namespace");
    const auto done = run_ip({"-batch", batch.string()});
    // Nothing of ours may happen among the host's interfaces.
    if (::setns(own_.get(), CLONE_NEWNET) != 0) std::abort();
    return done;
}

// By our descriptor, not by our number: while a batch runs in the host's namespace, so do we.
std::filesystem::path OwnNetwork::path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(own_.get());
}

std::set<std::string> OwnNetwork::interfaces() const {
    struct Free {
        void operator()(struct if_nameindex* list) const { ::if_freenameindex(list); }
    };
    std::set<std::string> names;
    const std::unique_ptr<struct if_nameindex, Free> list(::if_nameindex());
    for (const auto* each = list.get(); each != nullptr && each->if_index != 0; ++each)
        names.insert(each->if_name);
    return names;
}

Result<> write_setting(const std::string& path, std::string_view value) {
    BULKHEAD_TRY_ASSIGN(const Fd file, open_file("/proc/sys/net/" + path, O_WRONLY));
    if (::write(file.get(), value.data(), value.size()) < 0)
        return fail_errno("can't write " + std::string(value), path);
    return {};
}

Result<> write_setting6(const std::string& path, std::string_view value) {
    auto written = write_setting(path, value);
    if (!written && written.error().code == Code::not_found) return {};
    return written;
}

}  // namespace bulkhead::vnet
