// A pseudo-terminal that stands for a device: programs open the link, the simulator holds the other end.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::simulators {

class Pty {
  public:
    // Makes the pair and puts a link to it at `link`, in place of one that an earlier run left behind.
    static Result<Pty> open(const std::filesystem::path& link);
    Pty(Pty&&) = default;
    // Removes the link, unless it leads to another device by now.
    ~Pty();

    // Non-blocking: bytes that nobody reads are dropped by the writer, as on a real line.
    int fd() const { return end_.get(); }
    const std::string& name() const { return name_; }

  private:
    Pty(Fd end, Fd line, std::string name, std::filesystem::path link)
        : end_(std::move(end)), line_(std::move(line)), name_(std::move(name)), link_(std::move(link)) {}

    Fd end_;
    Fd line_;  // keeps the line up while no program has it open
    std::string name_;
    std::filesystem::path link_;
};

}  // namespace bulkhead::simulators
