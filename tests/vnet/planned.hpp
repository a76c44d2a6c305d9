// What a manager that has just started would do for a spec, with the drivers that a test has: look, plan, and
// take the steps that one of them can.
#pragma once

#include <vector>

#include "model/driver.hpp"
#include "model/spec.hpp"

namespace bulkhead::vnet::test {

class Planned {
  public:
    // They outlive this.
    explicit Planned(std::vector<model::Driver*> drivers) : drivers_(std::move(drivers)) {}

    model::Observed look() const;
    // Until a step fails. How many it took.
    std::size_t apply(const model::Spec& spec) const;
    // The same; a step that can't be taken yet ends it as well, and is no failure of the test.
    Result<std::size_t> try_apply(const model::Spec& spec) const;
    // Until nothing is left to do.
    void converge(const model::Spec& spec) const;

  private:
    std::vector<model::Driver*> drivers_;
};

}  // namespace bulkhead::vnet::test
