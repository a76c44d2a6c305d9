// The router's dnsmasq: started, replaced when it is told something else, started anew when it ends by
// itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead::vnet::router {

class NameServer {
  public:
    // `changed`: it ended, or runs again.
    NameServer(Loop& loop, const std::filesystem::path& folder, std::function<void()> changed)
        : loop_(loop),
          settings_(folder / "dnsmasq.conf"),
          leases_(folder / "leases"),
          changed_(std::move(changed)) {}
    ~NameServer();
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    const std::filesystem::path& leases() const { return leases_; }
    // Runs by these settings when this returns; empty: does not run.
    Result<> serve(const std::string& settings);
    // Why it does not run though it should; empty: nothing is wrong.
    const std::string& error() const { return error_; }

  private:
    Result<> start();
    void end();
    void on_end();

    Loop& loop_;
    const std::filesystem::path settings_;
    const std::filesystem::path leases_;
    const std::function<void()> changed_;
    std::string text_;
    pid_t pid_ = 0;
    Fd process_;  // pidfd
    Loop::TimerId again_ = 0;
    std::string error_;
};

}  // namespace bulkhead::vnet::router
