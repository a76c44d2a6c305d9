#include "partition-manager/daemon/partition_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/partition-manager/daemon/names.hpp"
#include "tests/partition-manager/daemon/scene.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr MonotonicTime now{1h};

struct PartitionViewTest : testing::Test {
    v1alpha1::PartitionView view(const std::string& name = "robot-cell") const {
        return partition_view(snapshot, partition_of(snapshot, name), guest, traffic ? &*traffic : nullptr,
                              now);
    }
    // Lets the spec differ from the factory's.
    template <class F>
    void edit(F change) {
        auto spec = *snapshot.spec;
        change(spec);
        snapshot.spec = std::make_shared<const model::Spec>(std::move(spec));
    }

    Snapshot snapshot = factory_snapshot();
    std::optional<GuestView> guest;
    std::optional<vnet::Traffic> traffic;
};

TEST_F(PartitionViewTest, shows_what_the_spec_and_the_machine_say) {
    snapshot.starts[robot] = 3;
    const auto seen = view();
    EXPECT_EQ(seen.gateway(), "press-line-3");
    EXPECT_EQ(seen.name(), "robot-cell");
    EXPECT_EQ(seen.tenant(), "tenant");
    EXPECT_EQ(seen.uid(), "uid-of-robot-cell");
    EXPECT_EQ(seen.image(), "partition-base");
    EXPECT_EQ(seen.image_digest(), "digest");
    EXPECT_EQ(seen.memory(), "192MiB");
    EXPECT_EQ(seen.restarts(), 2U);
    EXPECT_THAT(seen.zones(), ElementsAre("zone-1"));
    ASSERT_EQ(seen.interfaces_size(), 1);
    EXPECT_EQ(seen.interfaces(0).address(), "10.1.0.10");
    EXPECT_THAT(seen.conditions(), ElementsAre());
}

TEST_F(PartitionViewTest, is_defined_and_of_unknown_health_while_nothing_is_known_of_its_guest) {
    snapshot.observed.machines.clear();
    EXPECT_EQ(view().state(), "defined");
    EXPECT_EQ(view().health(), "unknown");
    EXPECT_EQ(view().restarts(), 0U);
    EXPECT_EQ(view().uid(), "");
}

TEST_F(PartitionViewTest, names_its_conditions_once_each) {
    snapshot.locks[robot] = {{"uid:7", "calibrating"}, "2031-05-04T12:00:00.000Z"};
    snapshot.held.insert(robot);
    snapshot.drift = {{"partition/robot-cell", "stop", "r", "m"},
                      {"partition/robot-cell", "define", "r", "m"}};
    EXPECT_THAT(view().conditions(), ElementsAre("locked", "held", "drifting"));
    EXPECT_EQ(view().lock().by(), "uid:7");
    EXPECT_EQ(view().lock().reason(), "calibrating");
    EXPECT_THAT(view("press").conditions(), ElementsAre());
}

TEST_F(PartitionViewTest, shows_the_words_of_the_guest) {
    guest = GuestView{"running", "degraded", "no answer from unit 1 for 5 s", UtcTime(1s), now - 90s, {}, {}};
    guest->agent = lifecycle::AgentState{};
    guest->agent->hello = {"0.1.0", "6.1.0", "boot"};
    guest->agent->last_heard = now - 400ms;
    guest->agent->last_reading = "spindle 1480 rpm";
    guest->agent->last_line = "a later line";
    guest->agent->counters.frames = 9;
    guest->agent->counters.refused_frames = 2;
    guest->agent->counters.stale_frames = 1;
    guest->agent->heartbeat = lifecycle::AgentHeartbeat{};
    guest->agent->heartbeat->load_milli = 1500;
    guest->agent->heartbeat->application = {lifecycle::ApplicationState::backing_off, 2, 1, "why", ""};
    guest->agent->heartbeat->disks = {{"data", 65536, 512}};
    const auto seen = view();
    EXPECT_EQ(seen.state(), "running");
    EXPECT_EQ(seen.health(), "degraded");
    EXPECT_EQ(seen.reason(), "no answer from unit 1 for 5 s");
    EXPECT_EQ(seen.since(), "1970-01-01T00:00:01.000Z");
    EXPECT_EQ(seen.since_seconds(), 90U);
    EXPECT_EQ(seen.application().name(), "modbus-collector");
    EXPECT_EQ(seen.application().state(), "backing off");
    EXPECT_EQ(seen.application().last_output(), "spindle 1480 rpm");
    EXPECT_EQ(seen.application().last_error(), "why");
    EXPECT_EQ(seen.agent().last_heard_ms(), 400U);
    EXPECT_EQ(seen.agent().load(), "1.50");
    EXPECT_EQ(seen.agent().rejected(), 3U);
    ASSERT_EQ(seen.volumes_size(), 1);
    EXPECT_EQ(seen.volumes(0).mount(), "/data");
    EXPECT_EQ(seen.volumes(0).used_kib(), 512U);
}

TEST_F(PartitionViewTest, shows_the_latest_line_where_no_reading_came) {
    guest = GuestView{"running", "ok", "", {}, now, lifecycle::AgentState{}, {}};
    guest->agent->last_line = "started";
    EXPECT_EQ(view().application().last_output(), "started");
    EXPECT_EQ(view().application().state(), "unknown") << "no heartbeat has come";
    EXPECT_EQ(view("it-admin").application().state(), "none");
}

TEST_F(PartitionViewTest, shows_its_volumes_before_any_guest_spoke) {
    ASSERT_EQ(view().volumes_size(), 1);
    EXPECT_EQ(view().volumes(0).size(), "64MiB");
}

TEST_F(PartitionViewTest, names_the_application_before_any_guest_spoke) {
    EXPECT_EQ(view().application().name(), "modbus-collector");
    EXPECT_EQ(view().application().state(), "unknown");
}

TEST_F(PartitionViewTest, counts_frames_and_drops_by_reason_where_the_switch_answers) {
    traffic = vnet::Traffic{};
    traffic->ports[model::port_name(robot, 0)] = {10, 7, {{"source", 3}}};
    const auto seen = view();
    EXPECT_EQ(seen.interfaces(0).received(), 10U);
    EXPECT_EQ(seen.interfaces(0).delivered(), 7U);
    EXPECT_EQ(seen.interfaces(0).dropped().at("source"), 3U);
    EXPECT_EQ(view("press").interfaces(0).received(), 0U);
}

TEST_F(PartitionViewTest, names_an_slcan_line_by_its_can_interface_and_others_by_their_tty) {
    edit([](model::Spec& spec) {
        auto& devices = spec.partitions[0].devices;
        devices.push_back(
            {model::DeviceName("can-1"), {115200, 8, 'N', 1}, model::DeviceProtocol::slcan, 500000});
    });
    snapshot.observed.assignments[model::DeviceName("can-1")] = {
        {model::DeviceName("can-1"), robot, 17, "", {}}, true};
    guest = GuestView{"running", "ok", "", {}, now, {}, {}};
    guest->devices[model::DeviceName("rs485-1")] = {"rs485-1", true, ""};
    guest->devices[model::DeviceName("can-1")] = {"can-1", false, "no such path"};
    const auto seen = view();
    ASSERT_EQ(seen.devices_size(), 2);
    EXPECT_TRUE(seen.devices(0).present());
    EXPECT_FALSE(seen.devices(1).present());
    EXPECT_EQ(seen.devices(1).error(), "no such path");
    EXPECT_EQ(seen.devices(0).guest_path(), "/dev/ttyS1");
    EXPECT_EQ(seen.devices(0).line(), "9600 8N1");
    EXPECT_EQ(seen.devices(0).at(), "/dev/a");
    EXPECT_EQ(seen.devices(1).guest_path(), "slcan0");
    EXPECT_EQ(seen.devices(1).token(), 17U);
}

TEST_F(PartitionViewTest, a_device_that_nobody_uses_has_no_owner) {
    edit([](model::Spec& spec) {
        spec.devices.push_back({model::DeviceName("spare"), model::DeviceKind::serial, "/dev/c"});
    });
    const auto spare = device_view(snapshot, *snapshot.spec->find(model::DeviceName("spare")));
    EXPECT_EQ(spare.partition(), "");
    EXPECT_EQ(spare.at(), "/dev/c");
    const auto used = device_view(snapshot, *snapshot.spec->find(model::DeviceName("can-1")));
    EXPECT_EQ(used.partition(), "press");
    EXPECT_EQ(used.tenant(), "tenant");
}

}  // namespace
}  // namespace bulkhead::daemon
