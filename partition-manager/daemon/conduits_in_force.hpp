// The conduits of the spec in force, as explanations and proofs name them.
#pragma once

#include <map>
#include <string>

#include "partition-manager/daemon/ends.hpp"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

struct ConduitInForce {
    std::string name;
    std::string place;  // factory.yaml:41:5; empty: not known
};

class ConduitsInForce {
  public:
    ConduitsInForce(const model::Spec& spec, const SwitchSources& sources);
    // By model::conduit_id; nameless if the spec has it no more.
    ConduitInForce of(std::uint32_t id) const;

  private:
    std::map<std::uint32_t, ConduitInForce> conduits_;
};

// robot-cell > it-admin tcp/8883
std::string rule_text(const model::Rule& rule, const Ends& ends);

}  // namespace bulkhead::daemon
