#include "partition-manager/daemon/network.hpp"

#include <utility>

#include "base/log.hpp"

namespace bulkhead::daemon {

Network::Network(const Options& options, const Launcher& launcher, std::vector<model::Lack> lacks,
                 std::unique_ptr<vnet::SwitchDriver> ports)
    : layout_(options.layout),
      lacks_(std::move(lacks)),
      ports_(std::move(ports)),
      routers_(options.layout, launcher.starts(options.router), lacks_),
      guards_(options.layout, launcher.starts(options.guard)) {
    ports_->other_ends_by([this](const model::Port& port) {
        return port.kind == model::PortKind::router ? routers_.is_there(port.tenant)
                                                    : guards_.is_there(port.tenant);
    });
}

SwitchSources Network::sources(const Board& board, const Clock& clock, apply::Store& store,
                               std::function<void(const apply::Event&)> record) {
    return {board,
            clock,
            [this] { return ports_->traffic(); },
            [this](std::size_t limit) { return ports_->flows(limit); },
            [this] { return ports_->sight(); },
            [this](const model::PortName& port, const std::vector<vnet::Frame>& frames) {
                return ports_->try_frames(port, frames);
            },
            [this] { return routers_.states(); },
            [&store] { return store.spec(); },
            std::move(record)};
}

std::vector<vnet::Feature> Network::features(const vnet::LeftChecksums& left_checksums) const {
    auto all = vnet::features(left_checksums);
    for (const auto& lack : lacks_)
        all.push_back({lack.name, false,
                       (lack.for_guards ? "guards of conduits: " : "tenants' routers: ") + lack.why,
                       lack.mend});
    return all;
}

void Network::give_up_unused() {
    model::Observed left;
    if (!ports_->observe(left) || !left.ports.empty()) return;
    if (auto gone = vnet::destroy_switch(layout_); !gone)
        log::warning("can't take the switch down", {{"error", gone.error().text()}});
}

}  // namespace bulkhead::daemon
