// What is measured: a pair of veths whose far ends are joined, in one of several ways.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "vnet/port_table.hpp"
#include "vnet/program.hpp"
#include "vnet/rule_table.hpp"

namespace bulkhead::vnet::bench {

// Leaves this process alone in a network and a mount namespace of its own.
Result<> enter_namespaces();

class Bed {
  public:
    static Result<Bed> with_bridge(const std::string& name);
    // `policies` rules between the two ports; the frames that are sent match the last one.
    static Result<Bed> with_switch(const std::string& name, unsigned policies);

    // Sends that many frames of 64 bytes (with their checksum) from one end, as fast as one core can, and
    // says how many per second arrived at the other.
    Result<double> run(unsigned frames) const;

  private:
    Bed() = default;
    static Result<Bed> with_veths(const std::string& name);
    Result<std::uint64_t> arrived() const;

    model::Port from_;
    model::Port to_;
    unsigned destination_port_ = 1;
    Fd socket_;
    std::unique_ptr<Program> program_;
};

}  // namespace bulkhead::vnet::bench
