// A network namespace of one process of ours. It has no name, and is gone with its last process: with it go
// its legs, routes, rules and sockets, whatever ends the process.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::vnet {

class OwnNetwork {
  public:
    // The calling process is in it from then on; it has one thread.
    static Result<OwnNetwork> enter();

    // A batch for ip(8) that stands in the file: in this namespace, for rules of IPv6, or in the host's.
    Result<> run_batch(const std::filesystem::path& batch) const;
    Result<> run_batch6(const std::filesystem::path& batch) const;
    Result<> run_batch_in_host(const std::filesystem::path& batch) const;

    // Where other processes find it, as long as this one lives.
    std::filesystem::path path() const;

    // Names of the interfaces here.
    std::set<std::string> interfaces() const;

  private:
    OwnNetwork(Fd host, Fd own) : host_(std::move(host)), own_(std::move(own)) {}
    Fd host_;
    Fd own_;
};

// Of the namespace that the caller is in: a file below /proc/sys/net, which is written in place.
Result<> write_setting(const std::string& path, std::string_view value);
// As that, of IPv6: a kernel without it has nothing to set.
Result<> write_setting6(const std::string& path, std::string_view value);

}  // namespace bulkhead::vnet
