// Who has which device, and what it takes to change that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "partition-manager/plan/allowed.hpp"
#include "tests/partition-manager/plan/factory.hpp"

namespace bulkhead::plan {
namespace {

using model::Disruption;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A card in place of the robot's line.
Gateway with_function() {
    auto gateway = running_factory();
    gateway.spec.devices[0] = {model::DeviceName("rs485-1"), model::DeviceKind::pci, "0000:00:02.0"};
    return gateway;
}

TEST(Planner, hands_a_function_over_while_its_partition_is_down) {
    auto gateway = with_function();
    const auto plan = gateway.plan();
    EXPECT_EQ(step_of(plan, "release device rs485-1").reason, "kind serial -> pci");
    const auto& assigned =
        std::get<model::AssignDevice>(step_of(plan, "assign device rs485-1").action).assignment;
    EXPECT_EQ(assigned.kind, model::DeviceKind::pci);
    EXPECT_EQ(assigned.at, "0000:00:02.0");
    const auto& machine =
        std::get<model::DefineMachine>(step_of(plan, "define partition robot-cell").action).machine;
    EXPECT_EQ(machine.devices, (std::vector<model::MachineDevice>{
                                   {model::DeviceName("rs485-1"), model::DeviceKind::pci, "0000:00:02.0"}}));
    EXPECT_EQ(step_of(plan, "stop partition robot-cell").reason,
              "devices rs485-1 9600 8N1 -> rs485-1 0000:00:02.0");
    gateway.converge();
    EXPECT_EQ(gateway.plan(), model::Plan{});
}

TEST(Planner, a_usb_port_that_moves_changes_its_owner_and_not_the_machine) {
    auto gateway = running_factory();
    auto& device = gateway.spec.devices[0];
    device = {model::DeviceName("rs485-1"), model::DeviceKind::usb, "1-2", {}};
    gateway.converge();
    device.at = "1-3";
    device.expect = {"0403", "6001"};
    const auto plan = gateway.plan();
    EXPECT_EQ(step_of(plan, "release device rs485-1").reason, "at 1-2 -> 1-3");
    const auto& assigned =
        std::get<model::AssignDevice>(step_of(plan, "assign device rs485-1").action).assignment;
    EXPECT_EQ(assigned.at, "1-3");
    EXPECT_EQ(to_string(assigned.expect), "0403:6001");
    EXPECT_EQ(plan.steps.size(), 2U);
    gateway.converge();
    device.expect = {};
    EXPECT_EQ(step_of(gateway.plan(), "release device rs485-1").reason,
              "what may be plugged in there changes");
}

TEST(Planner, a_bus_that_moves_or_is_guarded_anew_changes_its_owner_and_not_the_machine) {
    auto gateway = running_factory();
    auto& device = gateway.spec.devices[0];
    device = {model::DeviceName("rs485-1"), model::DeviceKind::can, "0000:00:08.0", {}, true};
    auto& use = robot(gateway).devices[0];
    use = {.device = device.name, .protocol = model::DeviceProtocol::can, .bitrate = 500'000};
    use.rules = model::CanBus{model::everything_on_the_bus(), 500'000};
    gateway.converge();
    device.at = "0000:00:09.0";
    EXPECT_EQ(step_of(gateway.plan(), "release device rs485-1").reason, "at 0000:00:08.0 -> 0000:00:09.0");
    EXPECT_EQ(gateway.plan().steps.size(), 2U);
    gateway.converge();
    use.rules = model::CanBus{{{model::parse_can_rule("send 0x201").value()}}, 500'000};
    EXPECT_EQ(step_of(gateway.plan(), "release device rs485-1").reason, "its guard changes");
    EXPECT_EQ(gateway.plan().steps.size(), 2U);
    gateway.converge();
    use.terms = {true, model::OnLoss::keep};
    EXPECT_EQ(step_of(gateway.plan(), "release device rs485-1").reason, "what its partition must be changes");
    EXPECT_EQ(gateway.plan().steps.size(), 2U);
    use.bitrate = 250'000;
    EXPECT_EQ(step_of(gateway.plan(), "stop partition robot-cell").reason,
              "devices rs485-1 can can 500000 -> rs485-1 can can 250000");
}

TEST(Planner, two_ports_on_one_bus_are_two_devices) {
    auto gateway = running_factory();
    gateway.spec.devices = {{model::DeviceName("can-a"), model::DeviceKind::can, "vcan0", {}, true},
                            {model::DeviceName("can-b"), model::DeviceKind::can, "vcan0", {}, true}};
    for (std::size_t i = 0; i < 2; ++i)
        gateway.spec.partitions[i].devices = {{.device = gateway.spec.devices[i].name,
                                               .protocol = model::DeviceProtocol::can,
                                               .bitrate = 500'000}};
    gateway.converge();
    EXPECT_EQ(gateway.plan(), model::Plan{});
    gateway.spec.partitions[1].devices.clear();
    const auto lines = lines_of(gateway.plan());
    EXPECT_NE(std::ranges::find(lines, "release device can-b"), lines.end());
    EXPECT_EQ(std::ranges::find(lines, "release device can-a"), lines.end());
}

TEST(Planner, takes_a_function_from_its_former_name_before_it_gives_it_to_the_new_one) {
    auto gateway = with_function();
    gateway.converge();
    gateway.spec.devices[0].name = model::DeviceName("can-9");
    robot(gateway).devices[0].device = model::DeviceName("can-9");
    const auto lines = lines_of(gateway.plan());
    const auto at = [&](const std::string& line) { return std::ranges::find(lines, line) - lines.begin(); };
    EXPECT_LT(at("release device rs485-1"), at("assign device can-9"));
    EXPECT_LT(at("assign device can-9"), at("start partition robot-cell"));
    gateway.converge();
    EXPECT_EQ(gateway.plan(), model::Plan{});
}

TEST(Planner, another_place_of_a_function_restarts_its_partition) {
    auto gateway = with_function();
    gateway.converge();
    gateway.spec.devices[0].at = "0000:00:03.0";
    const auto plan = gateway.plan();
    EXPECT_EQ(step_of(plan, "stop partition robot-cell").disruption, Disruption::restart);
    EXPECT_EQ(step_of(plan, "release device rs485-1").reason, "at 0000:00:02.0 -> 0000:00:03.0");
}

TEST(Planner, moves_a_device_from_one_partition_to_another) {
    auto gateway = running_factory();
    const auto former = gateway.intent.assignments.at(model::DeviceName("rs485-1")).token;
    press(gateway).devices.push_back(robot(gateway).devices[0]);
    robot(gateway).devices.clear();
    const auto plan = gateway.plan();
    EXPECT_EQ(step_of(plan, "release device rs485-1").disruption, Disruption::detach);
    EXPECT_EQ(step_of(plan, "release device rs485-1").reason, "goes to press");
    EXPECT_EQ(step_of(plan, "stop partition robot-cell").disruption, Disruption::restart);
    gateway.converge();
    EXPECT_GT(gateway.intent.assignments.at(model::DeviceName("rs485-1")).token, former);
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, takes_a_device_that_moves_on_the_bus_from_a_running_partition_as_a_detach) {
    auto gateway = running_factory();
    gateway.spec.devices[0].at = "/dev/elsewhere";
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("release device rs485-1", "assign device rs485-1"));
    EXPECT_EQ(plan.steps[0].disruption, Disruption::detach);
    EXPECT_EQ(plan.steps[0].reason, "at /dev/a -> /dev/elsewhere");
}

TEST(Planner, asks_for_one_permit_when_a_line_changes) {
    auto gateway = running_factory();
    robot(gateway).devices[0].line.bits_per_second = 19200;
    const auto plan = gateway.plan();
    EXPECT_EQ(step_of(plan, "stop partition robot-cell").reason,
              "devices rs485-1 9600 8N1 -> rs485-1 19200 8N1");
    EXPECT_EQ(step_of(plan, "release device rs485-1").disruption, Disruption::none);
}

// Its guest knows neither who turns the line around nor whose turn it is.
TEST(Planner, how_the_host_works_a_line_changes_its_owner_and_not_the_machine) {
    auto gateway = running_factory();
    auto& line = robot(gateway).devices[0].line;
    const auto expect_new_owner = [&](const std::string& reason) {
        const auto plan = gateway.plan();
        EXPECT_THAT(lines_of(plan), ElementsAre("release device rs485-1", "assign device rs485-1"));
        EXPECT_EQ(plan.steps[0].disruption, Disruption::detach);
        EXPECT_EQ(plan.steps[0].reason, reason);
        gateway.converge();
        EXPECT_TRUE(gateway.plan().empty());
    };
    line.rs485 = model::Rs485{};
    expect_new_owner("line 9600 8N1 -> 9600 8N1; rs485 rts on send, 0 ms before, 0 ms after");
    line.rs485.reset();
    line.turns = model::Turns{};
    expect_new_owner(
        "line 9600 8N1; rs485 rts on send, 0 ms before, 0 ms after -> 9600 8N1; in turns of 1000 ms");
    line.turns->answer_within = std::chrono::milliseconds(200);
    expect_new_owner("line 9600 8N1; in turns of 1000 ms -> 9600 8N1; in turns of 200 ms");
    line.parity = 'E';
    robot(gateway).devices[0].protocol = model::DeviceProtocol::modbus;
    EXPECT_EQ(step_of(gateway.plan(), "stop partition robot-cell").reason,
              "devices rs485-1 9600 8N1 -> rs485-1 9600 8E1")
        << "that the guest is told; a protocol it is not";
}

TEST(Planner, adopts_an_assignment_that_the_record_lost) {
    auto gateway = running_factory();
    const auto before = gateway.world.observed.assignments;
    gateway.intent.assignments.clear();
    gateway.intent.next_token = 1;
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("assign device rs485-1", "assign device can-1"));
    EXPECT_EQ(plan.steps[0].reason, "not on record");
    gateway.converge();
    EXPECT_EQ(gateway.world.observed.assignments, before);
}

}  // namespace
}  // namespace bulkhead::plan
