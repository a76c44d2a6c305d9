#include "partition-manager/daemon/device_test.hpp"

#include <gtest/gtest.h>

namespace bulkhead::daemon {
namespace {

class DeviceTesting : public testing::Test {
  protected:
    DeviceTesting() {
        model::Spec spec;
        spec.devices = {{model::DeviceName("rs485-1"), model::DeviceKind::serial, "/dev/ttyS1"},
                        {model::DeviceName("can-1"), model::DeviceKind::pci, "0000:00:02.0"},
                        {model::DeviceName("spare"), model::DeviceKind::serial, "/dev/ttyS2"}};
        spec.partitions.push_back({.name = model::PartitionName("robot-cell"), .tenant = acme_});
        spec.partitions[0].devices = {{.device = model::DeviceName("rs485-1")},
                                      {.device = model::DeviceName("can-1")}};
        snapshot_.spec = std::make_shared<const model::Spec>(spec);
    }
    Result<v1alpha1::DeviceTest> ask(const std::string& device, const Caller& caller = {"uid:0", false, {}},
                                     std::uint32_t bytes = 0) {
        v1alpha1::TestDeviceRequest request;
        request.set_device(device);
        request.set_bytes(bytes);
        return test_device(tester_, snapshot_, request, caller);
    }
    std::string refusal(const std::string& device, const Caller& caller = {"uid:0", false, {}}) {
        const auto test = ask(device, caller);
        return test ? "accepted" : test.error().what;
    }

    const model::TenantName acme_{"acme"};
    Snapshot snapshot_;
    passthrough::LineTestResult result_{.sent = 256, .heard = 256};
    std::uint32_t asked_ = 0;
    std::vector<apply::Event> events_;
    DeviceTester tester_{[this](const model::DeviceName&, std::uint32_t bytes) {
                             asked_ = bytes;
                             return Result<passthrough::LineTestResult>(result_);
                         },
                         [this](const apply::Event& event) { events_.push_back(event); }};
};

TEST_F(DeviceTesting, tells_what_came_back_and_records_it) {
    result_.took = std::chrono::milliseconds(270);
    result_.line_time = std::chrono::milliseconds(267);
    const auto test = ask("rs485-1");
    ASSERT_TRUE(test) << test.error().text();
    EXPECT_EQ(asked_, 256U);
    EXPECT_TRUE(test->passed());
    EXPECT_EQ(test->line(), "9600 8N1");
    EXPECT_EQ(test->took_ms(), 270U);
    EXPECT_EQ(test->line_ms(), 267U);
    EXPECT_EQ(test->verdict(), "all 256 bytes came back as they were sent");
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(events_[0].code, "device.tested");
    EXPECT_EQ(events_[0].actor, "uid:0");
    EXPECT_EQ(events_[0].tenant, acme_);
    EXPECT_EQ(events_[0].partition, model::PartitionName("robot-cell"));
    EXPECT_EQ(events_[0].text, "rs485-1: all 256 bytes came back as they were sent");
}

TEST_F(DeviceTesting, says_plainly_what_a_failure_means) {
    EXPECT_EQ(verdict_of({.sent = 0}), "the terminal took no byte: something holds the line back");
    EXPECT_EQ(verdict_of({.sent = 9}),
              "nothing came back: no loop plug joins sending to receiving, or an RS-485 port does not hear "
              "itself; or the cable is broken");
    EXPECT_EQ(verdict_of({.sent = 9, .heard = 8, .wrong = 2}),
              "2 of 8 bytes came back as others: noise, no termination, or somebody else sends");
    EXPECT_EQ(verdict_of({.sent = 9, .heard = 7}), "2 of 9 bytes did not come back");
}

TEST_F(DeviceTesting, refuses_what_has_no_line_and_what_nobody_works) {
    EXPECT_EQ(refusal("can-1"), "device can-1 is no serial line: pci");
    EXPECT_EQ(refusal("spare"), "no partition has device spare, so that nobody works it");
    EXPECT_EQ(refusal("nowhere"), "there is no device 'nowhere'");
    EXPECT_EQ(ask("rs485-1", {"uid:0", false, {}}, 4097).error().code, Code::invalid);
    snapshot_.spec = nullptr;
    EXPECT_EQ(refusal("rs485-1"), "the gateway has no spec yet");
    EXPECT_EQ(asked_, 0U);
    EXPECT_TRUE(events_.empty());
}

TEST_F(DeviceTesting, is_refused_where_a_machine_runs_or_a_lock_is_and_by_nothing_recorded) {
    result_ = {.refused = "a virtual machine has the line"};
    const auto running = ask("rs485-1");
    EXPECT_EQ(running.error().what, "device rs485-1 can't be tested: a virtual machine has the line");
    EXPECT_EQ(running.error().mend, "bulkhead stop robot-cell, if its partition runs");
    asked_ = 0;
    snapshot_.locks[model::PartitionName("robot-cell")].lock = {"Eva", "tool change"};
    EXPECT_EQ(refusal("rs485-1"), "partition robot-cell is locked by Eva (tool change)");
    EXPECT_EQ(asked_, 0U);
    EXPECT_TRUE(events_.empty());
}

TEST_F(DeviceTesting, what_is_another_tenants_is_not_there) {
    EXPECT_EQ(refusal("rs485-1", {"user:vera", true, acme_}), "accepted");
    const Caller stranger{"user:wolf", true, model::TenantName("globex")};
    for (const char* device : {"rs485-1", "can-1", "spare", "nowhere"})
        EXPECT_EQ(refusal(device, stranger), "there is no device '" + std::string(device) + "'");
}

}  // namespace
}  // namespace bulkhead::daemon
