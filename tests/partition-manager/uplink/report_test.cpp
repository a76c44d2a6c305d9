#include "partition-manager/uplink/report.hpp"

#include <gtest/gtest.h>

namespace bulkhead::uplink {
namespace {

v1alpha1::DenialView& add_denial(v1alpha1::GatewayReport& report, const std::string& to) {
    auto& denial = *report.mutable_denials()->add_items();
    denial.set_from("robot-cell");
    denial.set_to(to);
    denial.set_service("tcp/22");
    denial.set_reason("no_conduit");
    denial.set_count(3);
    denial.set_last("2031-05-04T12:00:00.000Z");
    denial.set_last_seconds(12);
    return denial;
}

v1alpha1::GatewayReport report_of_a_plant() {
    v1alpha1::GatewayReport report;
    report.mutable_status()->set_gateway("press-3");
    (*report.mutable_status()->mutable_labels())["line"] = "3";
    auto& partition = *report.mutable_partitions()->add_items();
    partition.set_name("robot-cell");
    partition.set_health("ok");
    (*partition.add_interfaces()->mutable_dropped())["no_conduit"] = 3;
    auto& conduit = *report.mutable_conduits()->add_items();
    conduit.set_name("readings");
    conduit.set_open(true);
    conduit.set_packets(1);
    auto& router = *report.mutable_routers()->add_items();
    router.set_tenant("acme");
    router.set_state("working");
    auto& uplink = *router.add_uplinks();
    uplink.set_name("plant");
    uplink.set_healthy(true);
    uplink.set_used(true);
    add_denial(report, "press");
    add_denial(report, "it-admin");
    report.mutable_denials()->set_total(2);
    return report;
}

// Whether a report with this change is worth a message at once.
template <class Change>
bool tells(const Change& change) {
    auto report = report_of_a_plant();
    change(report);
    return essence_of(report) != essence_of(report_of_a_plant());
}

TEST(Report, counters_and_ages_alone_are_no_news) {
    EXPECT_FALSE(tells([](auto&) {}));
    EXPECT_FALSE(tells([](auto& report) {
        auto& conduit = *report.mutable_conduits()->mutable_items(0);
        conduit.set_packets(1000);
        conduit.set_bytes(64000);
        conduit.set_connections(9);
        conduit.set_dropped(4);
    }));
    EXPECT_FALSE(tells([](auto& report) {
        auto& dropped =
            *report.mutable_partitions()->mutable_items(0)->mutable_interfaces(0)->mutable_dropped();
        dropped["no_conduit"] = 4;
        dropped["service"] = 1;
    }));
}

TEST(Report, what_is_refused_again_is_no_news) {
    EXPECT_FALSE(tells([](auto& report) {
        auto& denial = *report.mutable_denials()->mutable_items(1);
        denial.set_count(4);
        denial.set_last("2031-05-04T12:00:12.000Z");
        denial.set_last_seconds(0);
        report.mutable_denials()->set_total(20);
        // The latest comes first.
        report.mutable_denials()->mutable_items()->SwapElements(0, 1);
    }));
}

TEST(Report, a_new_denial_is_news) {
    EXPECT_TRUE(tells([](auto& report) { add_denial(report, "10.0.0.9"); }));
    EXPECT_TRUE(
        tells([](auto& report) { report.mutable_denials()->mutable_items(0)->set_reason("service"); }));
    EXPECT_TRUE(tells([](auto& report) { report.mutable_denials()->mutable_items()->RemoveLast(); }));
}

TEST(Report, what_became_of_an_uplink_or_a_router_is_news) {
    EXPECT_TRUE(tells([](auto& report) {
        report.mutable_routers()->mutable_items(0)->mutable_uplinks(0)->set_healthy(false);
    }));
    EXPECT_TRUE(tells([](auto& report) { report.mutable_routers()->mutable_items(0)->set_state("broken"); }));
    EXPECT_TRUE(tells([](auto& report) { report.mutable_conduits()->mutable_items(0)->set_open(false); }));
}

}  // namespace
}  // namespace bulkhead::uplink
