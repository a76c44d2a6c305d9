// May this step disturb what runs? Nothing that runs is disturbed by surprise: a person names it, nobody has
// locked it, and it is never done in the background.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "model/plan.hpp"

namespace bulkhead::policies {

enum class Mode {
    requested,   // a person asked for this plan
    background,  // the manager itself mends drift
};

using Locks = std::map<model::PartitionName, model::Lock>;

struct Rule {
    std::string_view id;  // stable: scripts and audits quote it
    std::string_view because;
};

namespace rules {
inline constexpr Rule locked{"disruption/locked",
                             "while a person of the plant locks a partition, nothing may disturb it"};
inline constexpr Rule background{"disruption/not-in-background",
                                 "what runs is disturbed only when a person asks for it"};
inline constexpr Rule restart{"disruption/restart-needs-a-name",
                              "a running partition stops only if a person names it"};
inline constexpr Rule detach{"disruption/detach-needs-a-name",
                             "a device is taken from a running partition only if a person names it"};
inline constexpr Rule volume{"disruption/volume-needs-a-name",
                             "data that can't be brought back is deleted only if a person names it"};
inline constexpr std::array all{locked, background, restart, detach, volume};
}  // namespace rules

struct Verdict {
    bool allowed = true;
    std::string_view rule;  // id of the rule that refused
    std::string what;
    std::string mend;  // the flag or the command, exactly as it is typed
};

// Refusals in the order of `rules::all`: the first one that applies is told, since mending a later one would
// not help.
Verdict judge(const model::Step& step, const model::Permits& permits, const Locks& locks, Mode mode);

}  // namespace bulkhead::policies
