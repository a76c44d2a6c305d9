#include "partition-manager/plan/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "partition-manager/plan/allowed.hpp"
#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {
namespace {

using model::Disruption;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Gateway running_factory() {
    Gateway gateway;
    gateway.spec = fake::factory();
    gateway.converge();
    return gateway;
}

model::Partition& robot(Gateway& gateway) {
    return gateway.spec.partitions[0];
}
model::Partition& press(Gateway& gateway) {
    return gateway.spec.partitions[1];
}

const model::Step& step_of(const model::Plan& plan, const std::string& line) {
    const auto found = std::ranges::find(plan.steps, line, line_of);
    if (found == plan.steps.end()) throw std::runtime_error("no step: " + line);
    return *found;
}

std::string subject_of_port(const std::string& partition) {
    return model::port_name(model::PartitionName(partition), 0).str();
}

TEST(Planner, makes_everything_in_the_order_of_its_needs) {
    Gateway gateway;
    gateway.spec = fake::factory();
    const auto plan = gateway.plan();
    EXPECT_THAT(
        lines_of(plan),
        ElementsAre("create volume robot-cell/data", "create port robot-cell/eth0", "assign device rs485-1",
                    "define partition robot-cell", "start partition robot-cell", "create port press/eth0",
                    "assign device can-1", "define partition press", "start partition press",
                    "create port it-admin/eth0", "define partition it-admin", "start partition it-admin",
                    "open conduit forces", "open conduit readings"));
    for (const auto& step : plan.steps) EXPECT_EQ(step.disruption, Disruption::none) << line_of(step);
    EXPECT_EQ(step_of(plan, "start partition robot-cell").after, (std::set<std::size_t>{0, 1, 2, 3}));
}

// The robot's application comes from this bundle, which was verified for it.
model::Bundle watch(char digit = 'a') {
    return {
        {model::BundleName("watch"), std::string(64, digit)}, "1.2.0", 64_MiB, {"unit"}, "/disk.img", "d1"};
}
void use_bundle(Gateway& gateway, const model::Bundle& bundle) {
    robot(gateway).application = model::Application{.config = {{"unit", "1"}}, .bundle = bundle.reference};
    gateway.world.observed.bundles = {{robot(gateway).name, bundle}};
}

TEST(Planner, gives_a_machine_the_bundle_that_was_verified_for_its_partition) {
    auto gateway = running_factory();
    use_bundle(gateway, watch());
    const auto plan = gateway.plan();
    const auto& define = std::get<model::DefineMachine>(step_of(plan, "define partition robot-cell").action);
    EXPECT_EQ(define.machine.bundle, watch());
    EXPECT_THAT(step_of(plan, "stop partition robot-cell").reason, HasSubstr("watch@sha256:aaaa"));
    gateway.converge();
    EXPECT_EQ(gateway.plan(), model::Plan{});
    use_bundle(gateway, watch('b'));
    EXPECT_EQ(step_of(gateway.plan(), "stop partition robot-cell").disruption, Disruption::restart);
}

TEST(Planner, refuses_a_bundle_that_was_not_verified_for_its_partition) {
    auto gateway = running_factory();
    use_bundle(gateway, watch());
    gateway.world.observed.bundles.clear();
    const auto refused = gateway.try_plan();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_found);
    EXPECT_EQ(refused.error().where, "partition/robot-cell");
}

TEST(Planner, refuses_a_bundle_that_needs_more_memory_or_other_settings) {
    auto gateway = running_factory();
    auto bundle = watch();
    bundle.memory = 1024_MiB;
    use_bundle(gateway, bundle);
    EXPECT_THAT(gateway.try_plan().error().what, HasSubstr("needs 1GiB of memory"));
    use_bundle(gateway, watch());
    robot(gateway).application->config = {{"unt", "1"}};
    const auto refused = gateway.try_plan();
    EXPECT_THAT(refused.error().what, HasSubstr("knows no setting 'unt'"));
    EXPECT_EQ(refused.error().mend, "write unit");
}

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

TEST(Planner, plans_nothing_when_everything_is_as_wanted) {
    auto gateway = running_factory();
    EXPECT_EQ(gateway.plan(), model::Plan{});
}

TEST(Planner, removes_in_the_inverse_order) {
    auto gateway = running_factory();
    gateway.intent.spec = nullptr;
    const auto plan = make_plan(gateway.intent, gateway.world.observed);
    ASSERT_TRUE(plan);
    std::vector<std::string> robot_steps;
    for (const auto& step : plan->steps)
        if (step.partition.str() == "robot-cell") robot_steps.push_back(line_of(step));
    EXPECT_THAT(robot_steps,
                ElementsAre("stop partition robot-cell", "undefine partition robot-cell",
                            "release device rs485-1", "delete port " + subject_of_port("robot-cell")));
    EXPECT_EQ(line_of(plan->steps[0]), "close conduit forces");
    EXPECT_THAT(plan->notes, ElementsAre(HasSubstr("volume robot-cell/data (64MiB) is kept")));
    gateway.act(*plan, plan->steps.size());
    EXPECT_THAT(gateway.world.observed.machines, IsEmpty());
    EXPECT_THAT(gateway.world.observed.ports, IsEmpty());
    EXPECT_THAT(gateway.world.observed.assignments, IsEmpty());
    EXPECT_EQ(gateway.world.observed.volumes.size(), 1U);
}

TEST(Planner, deletes_a_volume_only_if_its_deletion_is_permitted) {
    auto gateway = running_factory();
    robot(gateway).volumes.clear();
    gateway.intent.permits.delete_volumes = {{model::PartitionName("robot-cell"), model::VolumeName("data")}};
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition robot-cell", "define partition robot-cell",
                                            "delete volume robot-cell/data", "start partition robot-cell"));
    gateway.spec = fake::factory();
    EXPECT_EQ(gateway.try_plan().error().code, Code::invalid);
}

TEST(Planner, restarts_only_the_partition_that_changed_and_says_what_changed) {
    auto gateway = running_factory();
    robot(gateway).memory = 256_MiB;
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition robot-cell", "define partition robot-cell",
                                            "start partition robot-cell"));
    EXPECT_EQ(plan.steps[0].disruption, Disruption::restart);
    EXPECT_EQ(plan.steps[0].reason, "memory 192MiB -> 256MiB");
    EXPECT_EQ(plan.steps[1].disruption, Disruption::none);
}

TEST(Planner, says_no_more_than_it_knows_about_a_change) {
    auto gateway = running_factory();
    robot(gateway).memory = 256_MiB;
    gateway.previous.partitions.clear();
    EXPECT_EQ(gateway.plan().steps[0].reason, "configuration changed");
}

TEST(Planner, restarts_for_a_new_image) {
    auto gateway = running_factory();
    gateway.world.observed.images.at(model::ImageName("partition-base")).digest = std::string(64, 'f');
    const auto plan = gateway.plan();
    EXPECT_EQ(plan.steps.size(), 9U);
    EXPECT_EQ(plan.steps[0].reason, "partition-base aaaaaaaaaaaa -> ffffffffffff");
}

// A kernel under which the switch can guard what guests leave to the host, and one under which it can't.
TEST(Planner, restarts_for_offloads_that_the_host_can_guard_or_no_more_and_settles) {
    auto gateway = running_factory();
    for (const bool offered : {true, false}) {
        gateway.world.observed.host.offloads = offered;
        const auto plan = gateway.plan();
        EXPECT_EQ(step_of(plan, "stop partition robot-cell").disruption, Disruption::restart);
        EXPECT_EQ(step_of(plan, "stop partition robot-cell").reason,
                  offered ? "offloads none -> offered" : "offloads offered -> none");
        for (const auto& step : plan.steps) {
            const auto* define = std::get_if<model::DefineMachine>(&step.action);
            if (define != nullptr) {
                EXPECT_EQ(define->machine.offloads, offered);
            }
        }
        gateway.converge();
        EXPECT_TRUE(gateway.plan().empty());
    }
}

TEST(Planner, changes_offloads_of_a_machine_that_is_off_without_a_disruption) {
    auto gateway = running_factory();
    for (auto& [name, machine] : gateway.world.observed.machines) machine.power = model::Power::off;
    gateway.world.observed.host.offloads = true;
    for (const auto& step : gateway.plan().steps)
        EXPECT_EQ(step.disruption, Disruption::none) << line_of(step);
    gateway.converge();
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, offers_nothing_to_a_partition_without_an_interface) {
    auto gateway = running_factory();
    press(gateway).interfaces.clear();
    gateway.spec.conduits.clear();
    gateway.converge();
    gateway.world.observed.host.offloads = true;
    for (const auto& step : gateway.plan().steps) EXPECT_NE(model::subject(step.action), "press");
}

TEST(Planner, ignores_what_no_machine_sees) {
    auto gateway = running_factory();
    gateway.spec.labels["line"] = "4";
    gateway.spec.site = "hall-3";
    robot(gateway).lock = model::Lock{"anna", "test run"};
    gateway.spec.conduits[0].because = "other words";
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, changes_conduits_live) {
    auto gateway = running_factory();
    gateway.spec.conduits[0].allow = {{model::Transport::udp, 5000}};
    gateway.spec.conduits.pop_back();
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan),
                ElementsAre("close conduit forces", "close conduit readings", "open conduit readings"));
    for (const auto& step : plan.steps) EXPECT_EQ(step.disruption, Disruption::live);
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

TEST(Planner, swaps_the_addresses_of_two_partitions) {
    auto gateway = running_factory();
    std::swap(robot(gateway).interfaces, press(gateway).interfaces);
    gateway.converge();
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, starts_what_crashed_unless_it_is_held_or_backs_off) {
    auto gateway = running_factory();
    const model::PartitionName name("robot-cell");
    gateway.world.observed.machines.at(name).power = model::Power::off;
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("start partition robot-cell"));
    gateway.intent.not_yet = {name};
    EXPECT_TRUE(gateway.plan().empty());
    gateway.intent.not_yet.clear();
    gateway.intent.stopped = {name};
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, restarts_a_paused_machine_without_calling_it_a_disruption) {
    auto gateway = running_factory();
    const model::PartitionName name("press");
    gateway.world.observed.machines.at(name).power = model::Power::paused;
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition press", "start partition press"));
    EXPECT_EQ(plan.steps[0].disruption, Disruption::none);
    gateway.intent.not_yet = {name};
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, stops_and_restarts_what_a_person_asked_for) {
    auto gateway = running_factory();
    gateway.intent.restart = {model::PartitionName("press")};
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("stop partition press", "start partition press"));
    EXPECT_EQ(gateway.plan().steps[0].disruption, Disruption::restart);
    gateway.intent.restart.clear();
    gateway.intent.stopped = {model::PartitionName("press")};
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("stop partition press"));
}

TEST(Planner, guards_a_port_again_without_stopping_its_machine) {
    auto gateway = running_factory();
    gateway.world.observed.ports.begin()->second.guarded = false;
    const auto plan = gateway.plan();
    ASSERT_EQ(plan.steps.size(), 1U);
    EXPECT_EQ(verb(plan.steps[0].action), "create");
    EXPECT_EQ(plan.steps[0].disruption, Disruption::live);
}

TEST(Planner, restarts_a_machine_that_lost_its_port_and_makes_none_under_it) {
    auto gateway = running_factory();
    gateway.world.observed.ports.erase(model::PortName(subject_of_port("it-admin")));
    const auto plan = gateway.plan();
    EXPECT_EQ(plan.steps[0].disruption, Disruption::restart);
    EXPECT_THAT(plan.steps[0].reason, HasSubstr("is gone"));
    const auto background = allowed(plan, [](const model::Step& step) -> std::optional<Objection> {
        if (step.disruption == Disruption::restart) return Objection{"restart", "", ""};
        return std::nullopt;
    });
    EXPECT_TRUE(background.runnable.empty());
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

TEST(Planner, refuses_what_the_host_can_not_hold) {
    Gateway gateway;
    gateway.spec = fake::factory();
    robot(gateway).memory = Bytes{20ULL << 30U};
    EXPECT_EQ(gateway.try_plan().error().code, Code::unsupported);
    gateway.spec = fake::factory();
    robot(gateway).pin = {8};
    EXPECT_EQ(gateway.try_plan().error().what, "pinned to host CPU 8");
    gateway.spec = fake::factory();
    robot(gateway).cpus = 9;
    EXPECT_EQ(gateway.try_plan().error().code, Code::unsupported);
}

TEST(Planner, refuses_a_volume_of_another_size) {
    auto gateway = running_factory();
    robot(gateway).volumes[0].size = 128_MiB;
    EXPECT_EQ(gateway.try_plan().error().code, Code::conflict);
    EXPECT_THAT(gateway.try_plan().error().text(), HasSubstr("wanted its present size, 64MiB"));
}

TEST(Planner, names_the_image_that_is_missing) {
    Gateway gateway;
    gateway.spec = fake::factory();
    robot(gateway).image = model::ImageName("nowhere");
    EXPECT_EQ(gateway.try_plan().error().code, Code::not_found);
}

}  // namespace
}  // namespace bulkhead::plan
