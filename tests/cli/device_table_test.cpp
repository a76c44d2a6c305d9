#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/describe_text.hpp"
#include "cli/lists.hpp"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

api::DeviceList some_devices() {
    api::DeviceList list;
    auto& line = *list.add_items();
    line.set_name("rs485-1");
    line.set_id("serial:1-1:1.0");
    line.set_kind("serial");
    line.set_at("/dev/serial/by-path/one");
    line.set_partition("robot-cell");
    line.set_present(true);
    line.set_line("9600 8N1");
    line.set_token(3);
    line.set_title("serial port of USB device 1-1");
    auto& card = *list.add_items();
    card.set_id("pci:0000:00:1f.2");
    card.set_kind("pci");
    card.set_at("0000:00:1f.2");
    card.set_present(true);
    card.set_title("SATA controller, Intel");
    card.set_group("8");
    card.add_group_members("0000:00:1f.3");
    card.add_obstacles()->set_why("holds the root disk");
    card.add_obstacles()->set_why("shares IOMMU group 8 with 0000:00:1f.3");
    card.mutable_obstacles(1)->set_mend("give both to one partition");
    auto& bridge = *list.add_items();
    bridge.set_id("pci:0000:00:00.0");
    bridge.set_kind("pci");
    bridge.set_present(true);
    bridge.set_board(true);
    bridge.set_title("host bridge");
    auto& free = *list.add_items();
    free.set_id("usb:1-2");
    free.set_kind("usb");
    free.set_present(true);
    free.set_title("a scale");
    return list;
}

TEST(DeviceTable, says_of_each_whose_it_is_or_why_it_can_not_be_assigned) {
    const auto text = device_table(some_devices(), false).text(false);
    EXPECT_THAT(text, HasSubstr("rs485-1   serial   robot-cell"));
    EXPECT_THAT(
        text,
        HasSubstr("SATA controller, Intel: holds the root disk; shares IOMMU group 8 with 0000:00:1f.3"));
    EXPECT_THAT(text, HasSubstr("kept"));
    EXPECT_THAT(text, HasSubstr("free"));
    EXPECT_THAT(text, HasSubstr("1-2 "));  // its place, though no spec can name it
    EXPECT_THAT(text, Not(HasSubstr("host bridge")));
}

TEST(DeviceTable, shows_the_board_and_groups_when_it_is_wide) {
    const auto text = device_table(some_devices(), true).text(false);
    EXPECT_THAT(text, HasSubstr("host bridge"));
    EXPECT_THAT(text, HasSubstr("GROUP"));
}

TEST(DescribeDevice, says_why_it_can_not_be_assigned_and_what_mends_it) {
    const auto text = describe(some_devices().items(1), false);
    EXPECT_THAT(text, HasSubstr("not assignable holds the root disk\n"));
    EXPECT_THAT(text, HasSubstr("shares IOMMU group 8 with 0000:00:1f.3: give both to one partition"));
    EXPECT_THAT(text, HasSubstr("IOMMU group   8, with 0000:00:1f.3"));
    EXPECT_THAT(text, Not(HasSubstr("token")));
}

TEST(DescribeDevice, says_what_became_of_turns_at_a_line_that_several_have) {
    auto line = some_devices().items(0);
    EXPECT_THAT(describe(line, false), Not(HasSubstr("turns")));
    auto& turns = *line.mutable_turns();
    turns.set_turns(120);
    turns.set_answered(117);
    turns.set_timed_out(3);
    turns.set_given_up(2);
    turns.set_broken(1);
    turns.set_waited(40);
    turns.set_waited_microseconds(100'000);
    turns.set_longest_wait_microseconds(210'900);
    turns.set_devices(3);
    EXPECT_THAT(describe(line, false),
                HasSubstr("120, at a line of 3 devices: 117 answered, 3 timed out, 2 given up, 1 broken\n"));
    EXPECT_THAT(describe(line, false), HasSubstr("40 times, 2.5 ms on average, the longest 210.9 ms\n"));
    EXPECT_THAT(describe(line, false), Not(HasSubstr("stray")));
    turns.set_stray_bytes(7);
    EXPECT_THAT(describe(line, false), HasSubstr("7 bytes of the line were late, or nobody's\n"));
}

}  // namespace
}  // namespace bulkhead::cli
