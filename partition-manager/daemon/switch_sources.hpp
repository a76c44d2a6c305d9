// What the switch's part of the API asks. Each may be called from any thread.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/apply/store.hpp"
#include "partition-manager/daemon/router_view.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "vnet/sight.hpp"
#include "vnet/traffic.hpp"
#include "vnet/trial.hpp"

namespace bulkhead::daemon {

struct SwitchSources {
    const Board& board;
    const Clock& clock;
    std::function<Result<vnet::Traffic>()> traffic;
    std::function<Result<std::vector<vnet::Flow>>(std::size_t limit)> flows;
    std::function<Result<vnet::Sight>()> sight;
    std::function<Result<vnet::Trials>(const model::PortName&, const std::vector<vnet::Frame>&)> try_frames;
    std::function<RouterStates()> routers;
    std::function<Result<std::optional<apply::StoredSpec>>()> stored;
    std::function<void(const apply::Event&)> record;
};

}  // namespace bulkhead::daemon
