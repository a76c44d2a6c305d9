// The router's network namespace. It has no name, and is gone with its last process: with it go its legs,
// routes, rules and sockets, whatever ends the process.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet::router {

class TenantNamespace {
  public:
    // The calling process is in it from then on; it has one thread.
    static Result<TenantNamespace> enter();

    // A batch for ip(8) that stands in the file: in this namespace, or in the host's.
    Result<> run_batch(const std::filesystem::path& batch) const;
    Result<> run_batch_in_host(const std::filesystem::path& batch) const;

    // Where other processes find it, as long as this one lives.
    std::filesystem::path path() const;

    // Names of the interfaces here.
    std::set<std::string> interfaces() const;

  private:
    TenantNamespace(Fd host, Fd own) : host_(std::move(host)), own_(std::move(own)) {}
    Fd host_;
    Fd own_;
};

// It routes IPv4 and trusts nobody's word about where to. Interfaces that come are without IPv6.
Result<> settle_namespace();
Result<> allow_ipv6(const std::string& interface);

}  // namespace bulkhead::vnet::router
