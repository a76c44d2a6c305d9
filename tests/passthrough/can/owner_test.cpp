// The process that owns a port, for real, between two virtual buses of the kernel: one is the field, the
// other the guest's end.
#include <gtest/gtest.h>
#include <linux/can/error.h>

#include <csignal>
#include <fstream>
#include <map>

#include "passthrough/owner_connection.hpp"
#include "tests/passthrough/can/bus.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

class CanOwner : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = no_can_because(); !why.empty()) GTEST_SKIP() << why;
        field_ = std::make_unique<Bus>("bht-field");
        port_ = std::make_unique<Bus>("bht-port");
    }
    void serve(const std::string& rules, std::uint64_t token = 1) {
        owner_ = start(rules, token);
        ASSERT_NE(owner_->line_with("\"serving\""), "");
    }
    std::unique_ptr<Child> start(const std::string& rules, std::uint64_t token = 1,
                                 const std::string& at = "bht-field") const {
        return std::make_unique<Child>(std::vector<std::string>{
            program("BULKHEAD_CAN"), "--device", "can-robot", "--partition", "robot", "--token",
            std::to_string(token), "--at", at, "--socket", "/sys/class/net/bht-port", "--control",
            folder_.control().string(), "--bus", "can 500000" + rules});
    }
    std::optional<OwnerState> when(const std::function<bool(const OwnerState&)>& wanted) const {
        return state_when(folder_.control(), wanted);
    }
    // Counters are of the moment that one asks.
    OwnerState now() const {
        auto owner = OwnerConnection::open(folder_.control());
        EXPECT_TRUE(owner) << owner.error().text();
        const auto state = owner->state(5s);
        EXPECT_TRUE(state) << state.error().text();
        return state.value_or(OwnerState{});
    }
    // Nobody is told of them either: asks until it is so.
    bool lost_to_bus(std::uint64_t frames) const {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (now().bus->lost_to_bus != frames)
            if (std::chrono::steady_clock::now() > deadline) return false;
        return true;
    }

    Line folder_;
    std::unique_ptr<Bus> field_;
    std::unique_ptr<Bus> port_;
    std::unique_ptr<Child> owner_;
};

const std::string rules = "; send 0x201; receive 0x180/0x7f0";

TEST_F(CanOwner, carries_what_the_guard_allows_both_ways_and_counts_what_it_refuses) {
    serve(rules);
    const Speaker robot("bht-field");
    const Speaker guest("bht-port");
    guest.say(0x202);
    guest.say(0x201);
    EXPECT_EQ(robot.next(), 0x201U);
    robot.say(0x190);
    robot.say(0x181);
    EXPECT_EQ(guest.next(), 0x181U);
    EXPECT_TRUE(guest.hear().empty());
    const auto state = now();
    EXPECT_TRUE(state.present);
    EXPECT_EQ(state.assignment.kind, model::DeviceKind::can);
    EXPECT_EQ(state.assignment.at, "bht-field");
    ASSERT_TRUE(state.guard);
    EXPECT_EQ(state.guard->refused, 1U);
    EXPECT_EQ(state.guard->last, "send 0x202: no rule allows it");
    ASSERT_TRUE(state.bus);
    EXPECT_EQ(state.bus->to_bus, 1U);
    EXPECT_EQ(state.bus->to_guest, 1U);
}

TEST_F(CanOwner, lets_the_other_programs_of_the_gateway_be_heard_and_its_own_guest_not_hear_itself) {
    serve("; send receive 0x0/0x0");
    const Speaker other_port("bht-field");
    const Speaker guest("bht-port");
    guest.say(0x201);
    EXPECT_EQ(other_port.next(), 0x201U);
    other_port.say(0x202);
    EXPECT_EQ(guest.hear(), (std::vector<canid_t>{0x202}));
}

TEST_F(CanOwner, carries_a_thousand_frames_in_their_order) {
    serve("; send 0x0/0x0");
    const Speaker robot("bht-field");
    const Speaker guest("bht-port");
    std::vector<canid_t> said;
    std::vector<canid_t> heard;
    for (canid_t id = 0; id < 1000; ++id) {
        guest.say(id);
        said.push_back(id);
        // What is on its way fits the sockets.
        if (id % 50 == 49)
            while (heard.size() < said.size()) {
                const auto next = robot.next();
                ASSERT_TRUE(next) << heard.size();
                heard.push_back(*next);
            }
    }
    EXPECT_EQ(heard, said);
    EXPECT_EQ(now().bus->lost_to_bus, 0U);
}

TEST_F(CanOwner, counts_the_errors_that_a_controller_tells_and_is_degraded_while_the_bus_is_off) {
    serve(rules);
    const Speaker controller("bht-field");
    const Speaker guest("bht-port");
    controller.say(CAN_ERR_FLAG | CAN_ERR_BUSOFF);
    const auto off = when([](const auto& state) { return !state.present; });
    ASSERT_TRUE(off);
    EXPECT_EQ(off->error, "bht-field is bus-off");
    EXPECT_EQ(off->bus->state, "bus-off");
    EXPECT_EQ(off->bus->bus_off, 1U);
    controller.say(CAN_ERR_FLAG | CAN_ERR_RESTARTED);
    const auto back = when([](const auto& state) { return state.present; });
    ASSERT_TRUE(back);
    EXPECT_EQ(back->bus->restarts, 1U);
    EXPECT_EQ(back->bus->errors, 2U);
    EXPECT_TRUE(guest.hear().empty());
}

TEST_F(CanOwner, is_degraded_while_the_bus_is_down_or_gone_and_back_by_itself) {
    serve(rules);
    const Speaker guest("bht-port");
    field_->set_up(false);
    const auto down = when([](const auto& state) { return !state.present; });
    ASSERT_TRUE(down);
    EXPECT_EQ(down->error, "bht-field is down");
    guest.say(0x201);  // lost, and not kept for later
    ASSERT_TRUE(lost_to_bus(1));
    field_->set_up(true);
    ASSERT_TRUE(when([](const auto& state) { return state.present; }));
    field_->remove();
    const auto gone = when([](const auto& state) { return !state.present && state.error.starts_with("no"); });
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->error, "no CAN interface is at bht-field");
    field_->make();
    ASSERT_TRUE(when([](const auto& state) { return state.present; }));
    const Speaker robot("bht-field");
    guest.say(0x201);
    EXPECT_EQ(robot.next(), 0x201U);
    robot.say(0x181);
    EXPECT_EQ(guest.next(), 0x181U);
    EXPECT_EQ(now().bus->lost_to_bus, 1U);
}

TEST_F(CanOwner, that_was_killed_leaves_the_guests_end_and_the_next_one_goes_on) {
    serve(rules);
    owner_->signal(SIGKILL);
    owner_->wait();
    const Speaker robot("bht-field");
    const Speaker guest("bht-port");
    serve(rules);
    guest.say(0x201);
    EXPECT_EQ(robot.next(), 0x201U);
    const auto older = start(rules, 0);
    EXPECT_NE(older->line_with("token 0 is older than 1"), "");
    EXPECT_EQ(older->wait(), 1);
}

TEST_F(CanOwner, without_the_guests_end_does_not_serve) {
    port_->remove();
    const auto owner = start(rules);
    EXPECT_NE(owner->line_with("there is no interface for the guest"), "");
    EXPECT_EQ(owner->wait(), 1);
}

TEST_F(CanOwner, holds_no_right_that_carrying_frames_does_not_need) {
    serve(rules);
    std::ifstream status("/proc/" + std::to_string(owner_->pid()) + "/status");
    std::map<std::string, std::string> values;
    for (std::string key, value; status >> key && std::getline(status >> std::ws, value);)
        values[key] = value;
    EXPECT_EQ(values["CapPrm:"], "0000000000000000");
    EXPECT_EQ(values["CapEff:"], "0000000000000000");
    EXPECT_EQ(values["NoNewPrivs:"], "1");
    EXPECT_EQ(values["Seccomp:"], "2");
    EXPECT_EQ(values["Threads:"], "1");
}

// These need no bus.
TEST(CanOwnerOptions, refuse_what_is_no_bus_by_name) {
    const Line folder;
    const auto refused = [&](const std::string& at, const std::string& bus) {
        return std::make_unique<Child>(std::vector<std::string>{
            program("BULKHEAD_CAN"), "--device", "can-robot", "--partition", "robot", "--token", "1", "--at",
            at, "--socket", "/sys/class/net/none", "--control", folder.control().string(), "--bus", bus});
    };
    const auto place = refused("/dev/ttyS1", "can 500000");
    EXPECT_NE(place->line_with("'/dev/ttyS1' is no place of a CAN controller"), "");
    EXPECT_EQ(place->wait(), 2);
    const auto bus = refused("vcan0", "slcan 500000; send 0x201");
    EXPECT_NE(bus->line_with("is no CAN bus"), "");
    EXPECT_EQ(bus->wait(), 2);
}

}  // namespace
}  // namespace bulkhead::passthrough
