// The rules that the switch's maps enforce: one record of what is meant for each, and the entries that follow
// from it. Changes are written for the coming epoch, then the epoch is counted up: every frame is judged by
// what was before or by what is after. What a change left behind is swept up later.
#pragma once

#include <set>
#include <vector>

#include "base/error.hpp"
#include "vnet/maps.hpp"
#include "vnet/state.hpp"

namespace bulkhead::vnet {

class RuleTable {
  public:
    RuleTable(const Maps& maps, State& state) : maps_(maps), state_(state), used_(SWITCH_RULES, false) {}

    // All of them in one moment, in which those of `instead` end, or none. Those that are open are left
    // alone. Code::not_found if a port is not on record. After an error, check() (inspection.hpp) before
    // anything else.
    Result<> open(const std::set<model::Rule>& rules, const std::set<model::Rule>& instead = {});
    // All in one moment; connections under them are judged anew, and end if no other rule allows them. Rules
    // that are not there are fine.
    Result<> close(const std::set<model::Rule>& rules);
    // Those from, to, or copied to the port.
    std::set<model::Rule> of(const model::PortName& port) const;

    // Erases what closed rules left, after every frame that may still go by it is through.
    Result<> sweep();

    // At the start: takes over a rule that is on record and in force. Its number must not be taken.
    bool adopt(const PlacedRule& rule);
    // Strikes it from the books, for the next sweep(): it is not in force any more, or never was.
    void drop(const model::Rule& rule);

  private:
    // What one closed rule left in the kernel.
    struct Left {
        PlacedRule placed;
        RuleKeys keys;
        switch_rule_record record;
    };
    struct Opening {
        PlacedRule placed;
        RuleKeys keys;
        switch_rule_record record;
        RuleNumber before = 0;  // that allows its flow so far
    };
    Result<Opening> prepare(const model::Rule& rule);
    Result<unsigned> counters_of(std::uint32_t conduit);
    Result<RuleNumber> free_number();
    Result<std::vector<Opening>> prepare(const std::set<model::Rule>& rules);
    Result<> write(const std::vector<Opening>& openings);
    void forget(const std::vector<Opening>& openings);

    std::vector<Left> strike(const std::set<model::Rule>& rules);
    Result<> retire(const std::vector<Left>& closing);
    Result<> sweep(const Left& left);

    const Maps& maps_;
    State& state_;
    std::vector<bool> used_;  // numbers that stand, or that frames on their way may still name
    RuleNumber last_ = 0;     // number given out
    std::vector<Left> left_;
};

}  // namespace bulkhead::vnet
