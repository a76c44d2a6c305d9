// Ports on a real bus of the kernel, with real owners.
#include "passthrough/can_buses.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "tests/passthrough/can/bus.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace testing_support;

class CanBusesTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = no_can_because(); !why.empty()) GTEST_SKIP() << why;
        layout_.run = folder_.folder / "run";
        field_ = std::make_unique<Bus>("bht-field");
        field_->set_up(false);
    }
    void TearDown() override {
        owners_.clear();
        for (const auto& device : {robot_, press_}) {
            const auto link = links_.find(model::can_port_name(device).str());
            if (link && *link) {
                EXPECT_TRUE(links_.remove(**link));
            }
        }
    }
    std::unique_ptr<CanBuses> make() {
        return std::make_unique<CanBuses>(
            layout_,
            [this](std::vector<std::string> argv) -> Result<> {
                EXPECT_EQ(argv.front(), "bulkhead-can");
                const auto device = model::DeviceName(argv.at(2));
                argv.front() = program("BULKHEAD_CAN");
                owners_[device] = std::make_unique<Child>(argv);
                return {};
            },
            links_);
    }
    static model::Assignment assignment(const model::DeviceName& device, std::uint64_t token,
                                        const std::string& rules) {
        return {device,
                model::PartitionName(device.str()),
                token,
                "bht-field",
                {},
                model::DeviceKind::can,
                model::parse_line_rules("can 500000; " + rules).value(),
                {}};
    }
    std::optional<can::Link> link(const std::string& name) { return links_.find(name).value(); }
    std::optional<can::Link> port(const model::DeviceName& device) {
        return link(model::can_port_name(device).str());
    }

    Line folder_;
    model::Layout layout_;
    can::KernelLinks links_;
    std::unique_ptr<Bus> field_;
    const model::DeviceName robot_{"can-robot"};
    const model::DeviceName press_{"can-press"};
    std::map<model::DeviceName, std::unique_ptr<Child>> owners_;
};

TEST_F(CanBusesTest, makes_a_port_brings_the_bus_up_and_gives_both_back) {
    auto buses = make();
    const auto wanted = assignment(robot_, 1, "send 0x201");
    const auto assigned = buses->assign(wanted);
    ASSERT_TRUE(assigned) << assigned.error().text();
    EXPECT_TRUE(link("bht-field")->up);
    ASSERT_TRUE(port(robot_));
    EXPECT_TRUE(port(robot_)->up);
    const auto hold = make()->look().at(robot_);
    EXPECT_EQ(hold.assignment, wanted);
    EXPECT_TRUE(hold.serving);
    EXPECT_TRUE(hold.present) << hold.error;
    ASSERT_TRUE(make()->assign(wanted));
    EXPECT_EQ(owners_.size(), 1U);
    ASSERT_TRUE(make()->release(robot_, 1));
    EXPECT_EQ(owners_.at(robot_)->wait(), 0);
    EXPECT_FALSE(port(robot_));
    EXPECT_FALSE(link("bht-field")->up);
    EXPECT_EQ(link("bht-field")->alias, "");
    EXPECT_TRUE(make()->look().empty());
}

TEST_F(CanBusesTest, two_share_a_bus_that_stays_up_for_the_last) {
    auto buses = make();
    ASSERT_TRUE(buses->assign(assignment(robot_, 1, "send 0x201; receive 0x301")));
    ASSERT_TRUE(buses->assign(assignment(press_, 2, "send 0x301; receive 0x201")));
    const Speaker robot(model::can_port_name(robot_).str());
    const Speaker press(model::can_port_name(press_).str());
    robot.say(0x301);  // refused: else the press would hear itself be spoken for
    robot.say(0x201);
    EXPECT_EQ(press.next(), 0x201U);
    press.say(0x301);
    EXPECT_EQ(robot.next(), 0x301U);
    EXPECT_EQ(buses->look().at(robot_).guard->refused, 1U);
    EXPECT_EQ(buses->look().at(press_).guard->refused, 0U);
    ASSERT_TRUE(buses->release(robot_, 1));
    EXPECT_TRUE(link("bht-field")->up);
    EXPECT_TRUE(buses->look().at(press_).serving);
    ASSERT_TRUE(buses->release(press_, 2));
    EXPECT_FALSE(link("bht-field")->up);
}

TEST_F(CanBusesTest, leaves_a_bus_up_that_was_up_before) {
    field_->set_up(true);
    auto buses = make();
    ASSERT_TRUE(buses->assign(assignment(robot_, 1, "send 0x201")));
    ASSERT_TRUE(buses->release(robot_, 1));
    EXPECT_TRUE(link("bht-field")->up);
}

TEST_F(CanBusesTest, sees_that_a_bus_was_set_down_or_an_owner_killed_and_mends_it) {
    auto buses = make();
    const auto wanted = assignment(robot_, 1, "send 0x201");
    ASSERT_TRUE(buses->assign(wanted));
    field_->set_up(false);
    EXPECT_FALSE(buses->look().at(robot_).serving);
    ASSERT_TRUE(buses->assign(wanted));
    EXPECT_TRUE(link("bht-field")->up);
    const auto index = port(robot_)->index;
    owners_.at(robot_)->signal(SIGKILL);
    owners_.at(robot_)->wait();
    EXPECT_FALSE(buses->look().at(robot_).serving);
    ASSERT_TRUE(buses->assign(wanted));
    EXPECT_TRUE(buses->look().at(robot_).serving);
    EXPECT_EQ(port(robot_)->index, index);  // a guest's QEMU is bound to it
    ASSERT_TRUE(buses->release(robot_, 1));
}

TEST_F(CanBusesTest, gives_back_what_a_manager_made_that_died_before_an_owner_came) {
    auto buses = std::make_unique<CanBuses>(
        layout_, [](const std::vector<std::string>&) -> Result<> { return fail(Code::internal, "killed"); },
        links_);
    EXPECT_FALSE(buses->assign(assignment(robot_, 1, "send 0x201")));
    EXPECT_TRUE(port(robot_));
    const auto held = make()->look();
    ASSERT_TRUE(held.contains(robot_));
    EXPECT_FALSE(held.at(robot_).serving);
    ASSERT_TRUE(make()->release(robot_, 0));
    EXPECT_FALSE(port(robot_));
    EXPECT_FALSE(link("bht-field")->up);
}

}  // namespace
}  // namespace bulkhead::passthrough
