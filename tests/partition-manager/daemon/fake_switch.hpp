// A switch that is data alone: the fake factory's ports and rules, its "kernel" the same tables, and for a
// program the interpreter. Tests bend each of the three.
#pragma once

#include "partition-manager/daemon/switch_sources.hpp"
#include "partition-manager/plan/guards.hpp"
#include "tests/partition-manager/apply/fixture.hpp"
#include "tests/partition-manager/daemon/scene.hpp"
#include "vnet/explain/evaluate.hpp"

namespace bulkhead::daemon {

class FakeSwitch {
  public:
    explicit FakeSwitch(const model::Spec& spec) {
        vnet::Slot slot = 0;
        for (const auto& zone : spec.zones) {
            const auto number = static_cast<std::uint16_t>(network_.zones.size() + 1);
            network_.zones[zone.name] = number;
            network_.tenants.try_emplace(zone.tenant,
                                         static_cast<std::uint16_t>(network_.tenants.size() + 1));
        }
        for (const auto& partition : spec.partitions)
            for (const auto& port : plan::ports_of(spec, partition)) {
                ++slot;
                network_.ports[port.name] = {port, slot, 100 + slot, 0};
            }
        for (const auto& [tenant, guard] : plan::guards_of(spec)) {
            ++slot;
            const auto port = plan::guard_port(spec, tenant);
            network_.ports[port.name] = {port, slot, 100 + slot, 0};
        }
        for (const auto& [rule, conduit] : plan::rules_of(spec)) {
            const auto number = static_cast<vnet::RuleNumber>(network_.rules.size() + 1);
            network_.rules.push_back({rule, number, number, 0});
        }
        sight.there = sight.wanted = compile(network_);
        for (const auto& [name, placed] : network_.ports) sight.ports[placed.slot] = placed;
        for (const auto& placed : network_.rules) sight.rules[placed.number] = placed.rule;
        for (const auto& [name, placed] : network_.ports) traffic.ports[name] = {};
    }

    SwitchSources sources(const Board& board, const Clock& clock) {
        return {board,
                clock,
                [this] { return Result<vnet::Traffic>(traffic); },
                [this](std::size_t) { return Result<std::vector<vnet::Flow>>(flows); },
                [this] { return Result<vnet::Sight>(sight); },
                [this](const model::PortName& port, const std::vector<vnet::Frame>& frames) {
                    return Result<vnet::Trials>(trials(port, frames));
                },
                [this] { return routers; },
                [this] { return Result<std::optional<apply::StoredSpec>>(stored); },
                [this](const apply::Event& event) { events.push_back(event); }};
    }

    vnet::Sight sight;
    vnet::Traffic traffic;
    std::vector<vnet::Flow> flows;
    RouterStates routers;
    std::optional<apply::StoredSpec> stored;
    std::optional<std::uint32_t> program_says;  // whatever the data says
    std::vector<apply::Event> events;

  private:
    vnet::Trials trials(const model::PortName& port, const std::vector<vnet::Frame>& frames) const {
        vnet::Trials all{sight, {}};
        const unsigned ifindex = network_.ports.at(port).ifindex;
        for (const auto& frame : frames) {
            vnet::Trial trial{.frame = frame};
            trial.decision = vnet::explain::evaluate(sight.there, {ifindex, frame, 0}, {});
            const bool drops = trial.decision.verdict == vnet::explain::Verdict::dropped;
            trial.said = switch_explained{.verdict = drops ? 1U + trial.decision.reason : 0U,
                                          .rule = trial.decision.rule,
                                          .ifindex = trial.decision.ifindex};
            if (program_says) trial.said->verdict = *program_says;
            all.trials.push_back(std::move(trial));
        }
        return all;
    }

    vnet::Network network_;
};

}  // namespace bulkhead::daemon
