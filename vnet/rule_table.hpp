// The rules that the switch's maps enforce: per rule one record of what is meant, and the flows that follow
// from it. A flow never stands without its record, so nothing is open that the records do not tell.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "vnet/port_table.hpp"
#include "vnet/program.hpp"

namespace bulkhead::vnet {

class RuleTable {
  public:
    explicit RuleTable(const Program& program) : program_(program) {}

    // The rules that are wholly in force. `ports`: all that there are.
    Result<std::set<model::Rule>> all(const std::vector<PortRecord>& ports) const;

    Result<> open(const std::set<model::Rule>& rules, const std::vector<PortRecord>& ports);
    // In force at once: conduits are stateless. Rules that are not there are fine.
    Result<> close(const std::set<model::Rule>& rules, const std::vector<PortRecord>& ports);
    // Closes every rule from or to the port.
    Result<> close(Slot slot, const std::vector<PortRecord>& ports);

    // After a crash: what was half opened or half closed is closed.
    Result<> sweep(const std::vector<PortRecord>& ports);

    struct Counted {
        std::uint32_t conduit = 0;
        switch_conduit_counters counters{};
    };
    Result<std::vector<Counted>> counters() const;

  private:
    using Records = std::vector<std::pair<switch_rule_record, unsigned>>;  // with the index of the counter

    Result<unsigned> counter_of(std::uint32_t conduit);
    Result<> close(const Records& closing, Records all, const std::vector<PortRecord>& ports);

    const Program& program_;
};

}  // namespace bulkhead::vnet
