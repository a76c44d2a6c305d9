// Bulkhead's switch under a benchmark: switch.cpp is the only part of the benchmarks that knows vnet/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/driver.hpp"
#include "model/resources.hpp"

namespace bulkhead::bench {

// Its programs on interfaces that somebody else made, with rules between them.
class Switch {
  public:
    // Pinned in that folder of a bpffs. For the caller's network namespace.
    static Result<std::unique_ptr<Switch>> open(const std::filesystem::path& pins);
    Switch(const Switch&) = delete;
    Switch& operator=(const Switch&) = delete;
    ~Switch();

    // Without an interface it is one that is not there at the moment.
    Result<> admit(const model::Port& port, const std::string& interface);
    // In force when it returns.
    Result<> open(const std::set<model::Rule>& rules);
    Result<> close(const std::set<model::Rule>& rules);

  private:
    struct Parts;
    explicit Switch(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// What a manager does after a start of the machine: load, make taps for the ports, put the rules in force.
// Nothing of the owner "bench" may be there yet. All of it stays, whatever becomes of the driver, until
// take_down().
Result<std::unique_ptr<model::Driver>> start(const std::vector<model::Port>& ports,
                                             const std::set<model::Rule>& rules);
Result<> take_down();

// What the kernel says that this process's BPF maps and programs take.
Result<std::uint64_t> bpf_memory();

}  // namespace bulkhead::bench
