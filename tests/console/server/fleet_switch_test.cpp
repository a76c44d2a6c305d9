// What gateways report of their switches: routers and denials, for whom, and how they are paged.
#include <gmock/gmock.h>

#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FleetSwitchTest : public FleetTest {
  protected:
    // Changes what a gateway has reported.
    template <class Edit>
    void report(const std::string& gateway, const Edit& edit) {
        roster.change(gateway, [&](GatewayState& state) {
            auto report = *state.report;
            edit(report);
            state.report = std::make_shared<const api::GatewayReport>(std::move(report));
        });
    }
    void refuse(const std::string& gateway, const std::string& from, const std::string& to,
                const std::string& last, const std::string& reason = "no_conduit") {
        report(gateway, [&](api::GatewayReport& report) {
            auto& denial = *report.mutable_denials()->add_items();
            denial.set_from(from);
            denial.set_to(to);
            denial.set_address("10.20.9.2");
            denial.set_service("tcp/22");
            denial.set_reason(reason);
            denial.set_count(3);
            denial.set_last("2030-03-27T00:00:" + last + ".000Z");
            denial.set_last_seconds(7);
        });
    }
    void add_router(const std::string& gateway, const std::string& tenant) {
        report(gateway, [&](api::GatewayReport& report) {
            auto& router = *report.mutable_routers()->add_items();
            router.set_gateway("forged");
            router.set_tenant(tenant);
            router.add_zones("cell");
        });
    }
    std::vector<std::string> denials(const Viewer& viewer, const api::ListRequest& request = {}) {
        std::vector<std::string> found;
        const auto list = fleet->denials(viewer, request);
        if (!list) return {list.error().text()};
        for (const auto& one : list->items())
            found.push_back(one.gateway() + ": " + one.from() + " > " + one.to() + " " + one.reason());
        return found;
    }
    std::vector<std::string> routers(const Viewer& viewer, const api::ListRequest& request = {}) {
        std::vector<std::string> found;
        const auto list = *fleet->routers(viewer, request);
        for (const auto& one : list.items()) found.push_back(one.gateway() + ": " + one.tenant());
        return found;
    }
    template <class Edit>
    static api::ListRequest request(const Edit& edit) {
        api::ListRequest made;
        edit(made);
        return made;
    }
};

TEST_F(FleetSwitchTest, routers_of_all_gateways_are_filtered_and_a_vendor_sees_its_own) {
    enrol("press-3");
    enrol("press-4", "hall-1");
    for (const auto* gateway : {"press-3", "press-4"})
        for (const auto* tenant : {"it", "acme"}) add_router(gateway, tenant);
    EXPECT_THAT(routers(auditor),
                ElementsAre("press-3: acme", "press-4: acme", "press-3: it", "press-4: it"));
    EXPECT_THAT(routers(vendor), ElementsAre("press-3: acme", "press-4: acme"));
    EXPECT_THAT(routers(stranger), IsEmpty());
    EXPECT_THAT(routers(vendor, request([](auto& r) { r.set_tenant("it"); })), IsEmpty());
    EXPECT_THAT(routers(admin, request([](auto& r) { r.set_name("it"); })),
                ElementsAre("press-3: it", "press-4: it"));
    EXPECT_THAT(routers(admin, request([](auto& r) {
                            r.set_site("hall-1");
                            r.set_sort("-name");
                        })),
                ElementsAre("press-4: it", "press-4: acme"));
}

TEST_F(FleetSwitchTest, denials_come_latest_first_over_all_gateways_and_in_pages) {
    enrol("press-3");
    enrol("press-4", "hall-1");
    refuse("press-3", "robot-cell", "historian", "10");
    refuse("press-4", "historian", "robot-cell", "30");
    refuse("press-3", "historian", "robot-cell", "20");
    EXPECT_THAT(denials(admin), ElementsAre("press-4: historian > robot-cell no_conduit",
                                            "press-3: historian > robot-cell no_conduit",
                                            "press-3: robot-cell > historian no_conduit"));
    auto asked = request([](auto& r) { r.set_page_size(2); });
    auto page = *fleet->denials(admin, asked);
    EXPECT_EQ(page.total(), 3U);
    EXPECT_EQ(page.items_size(), 2);
    asked.set_page_token(page.next());
    page = *fleet->denials(admin, asked);
    ASSERT_EQ(page.items_size(), 1);
    EXPECT_EQ(page.items(0).last(), "2030-03-27T00:00:10.000Z");
    EXPECT_EQ(page.next(), "");
    EXPECT_EQ(denials(admin, request([](auto& r) { r.set_sort("name"); })).front(),
              "press-3: historian > robot-cell no_conduit");
    EXPECT_EQ(denials(admin, request([](auto& r) { r.set_site("hall-1"); })).size(), 1U);
    EXPECT_FALSE(fleet->denials(admin, request([](auto& r) { r.set_sort("colour"); })));
}

TEST_F(FleetSwitchTest, denials_are_found_by_either_end_and_by_reason) {
    enrol("press-3");
    refuse("press-3", "robot-cell/cell", "historian", "10", "service");
    refuse("press-3", "historian", "", "20");
    const auto found = [&](auto edit) { return denials(admin, request(edit)).size(); };
    EXPECT_EQ(found([](auto& r) { r.set_name("robot-cell"); }), 1U);
    EXPECT_EQ(found([](auto& r) { r.set_name("robot-cell/cell"); }), 1U);
    EXPECT_EQ(found([](auto& r) { r.set_name("historian"); }), 2U);
    EXPECT_EQ(found([](auto& r) { r.set_tenant("acme"); }), 1U);
    EXPECT_EQ(found([](auto& r) { r.set_tenant("it"); }), 2U);
    EXPECT_EQ(found([](auto& r) { r.set_search("NO_CON"); }), 1U);
    EXPECT_EQ(found([](auto& r) { r.set_search("press-3"); }), 2U);
}

TEST_F(FleetSwitchTest, a_vendor_sees_denials_with_an_end_of_its_tenant) {
    enrol("press-3");
    refuse("press-3", "robot-cell", "historian", "10");
    refuse("press-3", "historian", "", "20");
    refuse("press-3", "router of cell", "historian", "30");
    refuse("press-3", "router of management", "historian", "40");
    refuse("press-3", "plc-1", "", "50");
    report("press-3", [](api::GatewayReport& report) {
        report.mutable_zones()->mutable_items(0)->add_members("plc-1 10.20.1.50");
    });
    EXPECT_THAT(denials(vendor),
                ElementsAre("press-3: plc-1 >  no_conduit", "press-3: router of cell > historian no_conduit",
                            "press-3: robot-cell > historian no_conduit"));
    EXPECT_THAT(denials(stranger), IsEmpty());
    EXPECT_THAT(denials(vendor, request([](auto& r) { r.set_tenant("it"); })), IsEmpty());
}

// Its own conduit names the historian; the press is none of its business.
TEST_F(FleetSwitchTest, a_vendor_that_knocks_everywhere_learns_no_names) {
    enrol("press-3");
    report("press-3", [](api::GatewayReport& report) {
        auto& press = *report.mutable_partitions()->add_items();
        press.set_name("press");
        press.set_tenant("borealis");
    });
    refuse("press-3", "robot-cell", "press", "10");
    refuse("press-3", "press", "robot-cell", "20");
    refuse("press-3", "robot-cell", "historian", "30");
    EXPECT_THAT(denials(vendor),
                ElementsAre("press-3: robot-cell > historian no_conduit", "press-3:  > robot-cell no_conduit",
                            "press-3: robot-cell >  no_conduit"));
    const auto guess = [&](const char* name) {
        return denials(vendor, request([&](auto& r) { r.set_name(name); })).size() +
               denials(vendor, request([&](auto& r) { r.set_search(name); })).size();
    };
    EXPECT_EQ(guess("press"), 3U) << "by search, all that is on press-3";
    EXPECT_EQ(denials(vendor, request([](auto& r) { r.set_name("press"); })).size(), 0U);
    EXPECT_EQ(guess("borealis"), 0U);
    EXPECT_EQ(denials(auditor, request([](auto& r) { r.set_name("press"); })).size(), 2U);
}

TEST_F(FleetSwitchTest, a_denial_grows_older_while_its_gateway_is_offline) {
    enrol("press-3");
    refuse("press-3", "robot-cell", "historian", "10");
    clock.pass(seconds{30});
    EXPECT_EQ(fleet->denials(admin, {})->items(0).last_seconds(), 7U);
    roster.change("press-3", [](GatewayState& state) { state.connected = false; });
    EXPECT_EQ(fleet->denials(admin, {})->items(0).last_seconds(), 37U);
}

TEST_F(FleetSwitchTest, conduits_of_a_host_are_its_tenants) {
    enrol("press-3");
    report("press-3", [](api::GatewayReport& report) {
        report.mutable_zones()->mutable_items(0)->add_members("plc-1 10.20.1.50");
        auto& conduit = *report.mutable_conduits()->add_items();
        conduit.set_name("polls");
        conduit.set_from("historian");
        conduit.set_to("plc-1");
    });
    EXPECT_EQ(fleet->conduits(vendor, {})->items_size(), 2);
}

TEST_F(FleetSwitchTest, metrics_are_of_gateways_that_are_connected) {
    enrol("press-3");
    enrol("press-4", "hall-1", false);
    std::vector<std::string> told;
    fleet->each_switch([&](const std::string& gateway, const auto&, const auto& conduits, const auto&) {
        told.push_back(gateway + " " + std::to_string(conduits.items_size()));
    });
    EXPECT_THAT(told, ElementsAre("press-3 1"));
}

}  // namespace
}  // namespace bulkhead::console
