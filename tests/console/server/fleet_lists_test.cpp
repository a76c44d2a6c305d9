// Pages, filters and order.
#include <gtest/gtest.h>

#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

TEST_F(FleetTest, pages_show_each_gateway_once_though_the_list_changes) {
    for (const char* name : {"a", "b", "c", "d", "e"}) enrol(name);
    api::ListRequest request;
    request.set_page_size(2);
    auto page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.total(), 5u);
    EXPECT_EQ(page.items(1).name(), "b");
    roster.remove("b");
    roster.remove("a");
    request.set_page_token(page.next());
    page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.items(0).name(), "c");
    request.set_page_token(page.next());
    page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.items_size(), 1);
    EXPECT_EQ(page.next(), "");
}

TEST_F(FleetTest, gateways_are_filtered_and_sorted_by_the_server) {
    enrol("a", "hall-1");
    enrol("b", "hall-2");
    enrol("c", "hall-1", false);
    const auto with = [&](auto change) {
        api::ListRequest request;
        change(request);
        return names(admin, request);
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(with([](auto& r) { r.set_sort("-name"); }), (Names{"c", "b", "a"}));
    EXPECT_EQ(with([](auto& r) { r.set_sort("site"); }), (Names{"a", "c", "b"}));
    EXPECT_EQ(with([](auto& r) { r.set_sort("health"); }), (Names{"c", "a", "b"}));
    EXPECT_EQ(with([](auto& r) { r.set_site("hall-1"); }), (Names{"a", "c"}));
    EXPECT_EQ(with([](auto& r) { r.set_search("HALL-2"); }), (Names{"b"}));
    EXPECT_EQ(with([](auto& r) { r.set_health("unknown"); }), (Names{"c"}));
    EXPECT_EQ(with([](auto& r) { r.add_labels("line=3"); }), (Names{"a", "b", "c"}));
    EXPECT_EQ(with([](auto& r) { r.add_labels("line=4"); }), (Names{}));
    api::ListRequest wrong;
    wrong.set_sort("colour");
    EXPECT_EQ(fleet->gateways(admin, wrong).error().code, Code::invalid);
    wrong.set_sort("name");
    wrong.set_page_token("?");
    EXPECT_EQ(fleet->gateways(admin, wrong).error().code, Code::invalid);
}

}  // namespace
}  // namespace bulkhead::console
