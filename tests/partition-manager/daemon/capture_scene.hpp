// The fake factory with a tenant for each partition: robot-cell is acme's, press borealis', it-admin IT's.
// readings lead from robot-cell to it-admin, forces from press to it-admin.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partition-manager/daemon/capture_grant.hpp"
#include "tests/partition-manager/daemon/fake_switch.hpp"

namespace bulkhead::daemon {

inline model::Spec divided_factory() {
    auto spec = fake::factory();
    for (std::size_t i = 0; i < 3; ++i) {
        const model::TenantName tenant(std::array{"acme", "borealis", "it"}[i]);
        spec.partitions[i].tenant = tenant;
        spec.zones[i].tenant = tenant;
    }
    // A card whose wire several may share.
    model::WireHost plc;
    plc.name = model::EndName("plc");
    plc.address = {10U << 24U | 1U << 16U | 50U};
    spec.zones[0].wire = model::Wire{.interface = "enp9s0", .hosts = {plc}};
    return spec;
}

struct CaptureScene : testing::Test {
    CaptureScene() {
        snapshot.spec = std::make_shared<const model::Spec>(spec);
        board.publish(snapshot);
    }
    static v1alpha1::CaptureRequest of(const std::string& subject) {
        v1alpha1::CaptureRequest request;
        request.set_subject(subject);
        request.set_seconds(60);
        request.set_packets(1000);
        return request;
    }
    static Caller vendor(const std::string& tenant) { return {"user:vera", true, model::TenantName(tenant)}; }
    static std::string port(const std::string& partition) {
        return model::port_name(model::PartitionName(partition), 0).str();
    }
    Result<CaptureGrant> grant(const std::string& subject, const Caller& caller) {
        return grant_capture(fake.sources(board, clock), of(subject), caller);
    }

    const model::Spec spec = divided_factory();
    Snapshot snapshot = factory_snapshot();
    FakeSwitch fake{spec};
    Board board;
    apply::FixedClock clock;
    const Caller root{"uid:0", false, {}};
    const Caller anna{"user:anna", true, {}};
};

}  // namespace bulkhead::daemon
