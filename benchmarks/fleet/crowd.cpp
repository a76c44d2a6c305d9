#include "benchmarks/fleet/crowd.hpp"

#include <cstdio>

#include "benchmarks/fleet/enrolled.hpp"
#include "benchmarks/fleet/report.hpp"
#include "partition-manager/apply/schema.hpp"

namespace bulkhead::benchmarks {

struct Crowd::Gateway {
    std::unique_ptr<uplink::Identity> identity;
    v1alpha1::GatewayReport report;
    std::unique_ptr<uplink::UplinkParts> parts;
    std::jthread thread;
};

Crowd::Crowd(const std::filesystem::path& folder, std::ptrdiff_t at_once)
    : folder_(folder), at_once_(at_once), turns_(at_once) {
}

Crowd::~Crowd() {
    for (const auto& gateway : gateways_) gateway->thread.request_stop();
}

Result<> Crowd::open(std::size_t gateways) {
    BULKHEAD_TRY_ASSIGN(database_, apply::open_database(folder_ / "state.db"));
    spool_ = std::make_unique<uplink::Spool>(*database_);
    for (std::size_t number = 0; number < gateways; ++number) {
        auto gateway = std::make_unique<Gateway>();
        const auto name = gateway_name(number);
        BULKHEAD_TRY_ASSIGN(gateway->identity, uplink::Identity::open(folder_ / name));
        gateway->report = plant_report(name);
        gateway->parts = std::make_unique<uplink::UplinkParts>(uplink::UplinkParts{
            .identity = *gateway->identity,
            .spool = *spool_,
            .clock = clock_,
            .attestor = nullptr,
            .rounds = nullptr,
            .report = [report = &gateway->report] { return *report; },
            .signed_generation = [] { return std::uint64_t{0}; },
            .take_desired = [](const std::string&, const std::function<void(Errors)>& done) { done({}); },
            .control = [] { return std::shared_ptr<grpc::Channel>(); }});
        gateways_.push_back(std::move(gateway));
    }
    return {};
}

void Crowd::connect() {
    for (const auto& gateway : gateways_) {
        turns_.acquire();
        gateway->thread =
            std::jthread([this, &one = *gateway](const std::stop_token& stop) { run(one, stop); });
    }
    for (std::ptrdiff_t turn = 0; turn < at_once_; ++turn) turns_.acquire();
}

void Crowd::run(Gateway& gateway, const std::stop_token& stop) {
    const auto membership = gateway.identity->membership();
    const auto key = gateway.identity->key();
    if (!membership || !key) {
        std::fprintf(stderr, "bench-fleet: %s is not enrolled\n", gateway.identity->folder().c_str());
        return turns_.release();
    }
    uplink::Line line(*gateway.parts, *membership, *key, [this] {
        ++connected_;
        turns_.release();
    });
    const auto ending = line.run(stop);
    if (stop.stop_requested()) return;
    std::fprintf(stderr, "bench-fleet: the line of %s ended: %s\n", membership->gateway.c_str(),
                 ending.error.text().c_str());
    if (ending.welcomed)
        --connected_;
    else
        turns_.release();
}

}  // namespace bulkhead::benchmarks
