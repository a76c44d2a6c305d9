// Frames tried on the switch without sending them: judged by its data as the kernel holds it, and by its
// programs themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vnet/explain/evaluate.hpp"
#include "vnet/sight.hpp"
#include "vnet/twin.hpp"

namespace bulkhead::vnet {

struct Maps;

using Frame = std::vector<std::uint8_t>;

struct Trial {
    Frame frame;
    Moment moment;                      // at which it was tried
    explain::Decision decision;         // by the data
    std::optional<switch_drop> second;  // what the second check says of it, by the data; nothing: it may go
    std::optional<switch_explained> said;  // by the program; nothing: the kernel did not run it
    std::optional<bool> leaves;            // what the program's second check says, if the first passed it
    std::string not_run;                   // why the kernel did not run the program
};

struct Trials {
    Sight sight;  // that they were judged by
    std::vector<Trial> trials;
};

// A frame is tried as if it came in over the interface now: its own connection counts, its tenant's quota,
// and what is left in the buckets that hold its sender and its conduit to a rate; not what was tried before.
Result<std::vector<Trial>> try_frames(const Sight& sight, const Maps& maps, Twin& twin, unsigned ifindex,
                                      const std::vector<Frame>& frames);

// Of switch_explained: passes, answered, dropped: NAME.
std::string verdict_text(std::uint32_t verdict);

// What a trial's two answers differ in; empty if they agree or the program was not run.
std::string disagreement(const Trial& trial);

}  // namespace bulkhead::vnet
