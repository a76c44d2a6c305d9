// Whether what can be reached is what is meant, no more and no less.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "vnet/proof/path.hpp"

namespace bulkhead::vnet::proof {

// What a frame asks of its receiver: the service that a rule would have to allow. Nothing for what is no
// packet of a kind that rules speak about.
std::optional<model::Service> service_of(std::span<const std::uint8_t> frame);

// Ways that no rule of `meant` explains. A flow's answers are explained by the rule that opens it, and
// housekeeping by the zone that a tap and a router share. `reach` outlives them.
std::vector<const Edge*> unmeant(const Reach& reach, const Ports& ports, const std::set<model::Rule>& meant);
// Rules of `meant`, both of whose ends are on record, that let nothing pass.
std::vector<model::Rule> unmet(const Reach& reach, const Ports& ports, const std::set<model::Rule>& meant);

}  // namespace bulkhead::vnet::proof
