#include "cli/table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/lists.hpp"
#include "cli/width.hpp"
#include "tests/cli/control_server.hpp"

namespace bulkhead::cli {
namespace {

TEST(Width, counts_columns_and_not_bytes) {
    EXPECT_EQ(display_width("Größe"), 5U);
    EXPECT_EQ(display_width("a\xCC\x88"), 1U);  // a with a combining diaeresis
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("🤖"), 2U);
}

TEST(Width, cuts_between_characters) {
    EXPECT_EQ(cut_to_width("spindle", 7), "spindle");
    EXPECT_EQ(cut_to_width("spindle", 4), "spi…");
    EXPECT_EQ(cut_to_width("日本語", 4), "日…");
}

TEST(Table, pads_by_display_width) {
    Table table({{"A"}, {"B"}});
    table.row({"Größe", "x"});
    table.row({"日本", ""});
    EXPECT_EQ(table.text(false), "A       B\nGröße   x\n日本    -\n");
}

TEST(Table, lets_no_cell_drive_the_terminal) {
    Table table({{"A"}});
    table.row({"\x1B[2Jgone\n"});
    EXPECT_EQ(table.text(false), "A\n[2Jgone\n");
}

TEST(Table, cuts_only_the_last_column) {
    Table table({{"A"}, {"B"}});
    table.row({"a-long-first-column", "and a longer second one"});
    EXPECT_EQ(table.text(false, 40), "A                     B\na-long-first-column   and a longer seco…\n");
}

TEST(Lists, print_the_table_of_the_readme) {
    auto status = canned_status();
    status.mutable_attestation()->set_trust_anchor("software");
    auto partitions = canned_partitions();
    for (auto& partition : *partitions.mutable_items()) {
        partition.set_attestation("trusted");
        partition.set_trust_anchor("software");
        partition.set_attested_at("2031-05-04T12:00:00Z");
        partition.set_attestation_age_seconds(4);
    }
    std::ifstream file(README);
    const std::string readme((std::istreambuf_iterator<char>(file)), {});
    std::istringstream printed(gateway_line(status, false) + partition_table(partitions, false).text(false));
    for (std::string line; std::getline(printed, line);)
        EXPECT_NE(readme.find("    " + line + "\n"), std::string::npos) << line;
}

// Over a fleet, names are many gateways' own.
TEST(Lists, of_a_fleet_say_of_which_gateway_each_line_is) {
    const auto head = [](const Table& table) {
        const auto text = table.text(false);
        return text.substr(0, text.find(' '));
    };
    const auto of = [](auto list, const std::string& second) {
        list.add_items()->set_gateway("press-3");
        list.add_items()->set_gateway(second);
        return list;
    };
    for (const auto& table : {partition_table(of(api::PartitionList(), "press-4"), false),
                              device_table(of(api::DeviceList(), "press-4"), false),
                              zone_table(of(api::ZoneList(), "press-4"), false),
                              conduit_table(of(api::ConduitList(), "press-4"), false),
                              event_table(of(api::EventList(), "press-4"), false)})
        EXPECT_EQ(head(table), "GATEWAY") << table.text(false);
    EXPECT_EQ(head(event_table(of(api::EventList(), "press-3"), false)), "TIME");
}

TEST(Lists, say_why_a_gateway_did_not_take_its_spec) {
    api::GatewayList list;
    auto& gateway = *list.add_items();
    gateway.set_name("press-3");
    gateway.set_health("ok");
    gateway.set_reason("it did not take generation 7: no such image");
    EXPECT_NE(gateway_table(list, false).text(false).find("did not take generation 7"), std::string::npos);
}

TEST(Lists, say_beneath_why_a_partition_is_not_well) {
    api::PartitionList list;
    *list.add_items() = canned_partitions().items(0);
    auto& partition = *list.mutable_items(0);
    partition.set_health("degraded");
    partition.set_reason("no answer from unit 1 for 5 s");
    partition.mutable_lock()->set_by("anna");
    partition.mutable_lock()->set_reason("tool change");
    partition.add_conditions("locked");
    const std::string text = partition_table(list, false).text(false);
    EXPECT_TRUE(
        text.ends_with("\n  ! robot-cell degraded: no answer from unit 1 for 5 s\n"
                       "  ! robot-cell locked by anna: tool change\n"))
        << text;
}

}  // namespace
}  // namespace bulkhead::cli
