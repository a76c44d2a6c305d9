// Asks for the address of an interface: busybox's udhcpc (RFC 2131), and a script of the image that sets what
// it is given.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead::agent {

struct DhcpPrograms {
    std::filesystem::path busybox = "/usr/bin/busybox";
    std::filesystem::path lease = "/usr/lib/bulkhead/lease";
};

class DhcpClient {
  public:
    // `ended` is called in the loop after each round, whether an address was given or not.
    DhcpClient(Loop& loop, DhcpPrograms programs, std::string interface, std::function<void()> ended);
    ~DhcpClient();
    DhcpClient(const DhcpClient&) = delete;
    DhcpClient& operator=(const DhcpClient&) = delete;

    // A round of three questions, six seconds at most; nothing if one is on its way. The interface is up.
    Result<> ask();

  private:
    void on_end();

    Loop& loop_;
    const DhcpPrograms programs_;
    const std::string interface_;
    const std::function<void()> ended_;
    pid_t pid_ = 0;
    Fd process_;
};

}  // namespace bulkhead::agent
