// A place with a network of its own, in which programs run: a partition behind its tap, or the world beyond
// the uplinks.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "model/resources.hpp"

namespace bulkhead::vnet::router::test {

class Pen {
  public:
    // With an empty network.
    Pen();
    // With an interface eth0, up, that is what QEMU would make of the port's tap: its frames and no others.
    explicit Pen(const model::Port& port);
    ~Pen();
    Pen(const Pen&) = delete;
    Pen& operator=(const Pen&) = delete;

    // Runs a shell command there to its end: its exit status; all that it wrote is in `output`.
    int run(const std::string& command, std::string* output = nullptr) const;
    // Starts one that goes on until the end of this; what it writes goes into `log`.
    void start(const std::string& command, const std::string& log);
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = 0;  // keeps the namespace, and carries the frames
    std::vector<pid_t> started_;
};

}  // namespace bulkhead::vnet::router::test
