#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const model::TenantName tenant("tenant");
const model::PortName port = model::guard_port_name(tenant);

// The factory, whose readings are Modbus and guarded.
Gateway guarded_factory() {
    Gateway gateway;
    gateway.spec = fake::factory();
    auto& readings = gateway.spec.conduits[0];
    readings.allow = {{model::Transport::tcp, 502}, {model::Transport::tcp, 503}};
    readings.guard = *model::parse_modbus_guard("unit 1 read holding-registers 0-9");
    return gateway;
}

std::size_t place_of(const std::vector<std::string>& lines, const std::string& line) {
    return static_cast<std::size_t>(std::ranges::find(lines, line) - lines.begin());
}

TEST(PlannedGuard, stands_before_its_conduit_opens_and_stays_as_it_is) {
    auto gateway = guarded_factory();
    const auto lines = lines_of(gateway.plan());
    const auto guard = place_of(lines, "create guard tenant");
    ASSERT_LT(guard, lines.size());
    EXPECT_LT(place_of(lines, "create port " + port.str()), guard);
    EXPECT_LT(guard, place_of(lines, "open conduit readings"));
    gateway.converge();
    EXPECT_THAT(lines_of(gateway.plan()), IsEmpty());
    EXPECT_EQ(std::ranges::count(gateway.world.observed.rules, port, &model::Rule::via), 2);
}

TEST(PlannedGuard, is_told_who_may_speak_to_whom_and_what) {
    auto gateway = guarded_factory();
    gateway.spec.partitions[0].interfaces[0].address6 = *model::parse_ipv6("fd20:1::10");
    gateway.converge();
    const auto& guard = gateway.world.observed.guards.at(tenant).guard;
    EXPECT_EQ(guard.leg, model::guard_leg_name(tenant));
    ASSERT_EQ(guard.conduits.size(), 1U);
    const auto& told = guard.conduits.front();
    EXPECT_EQ(told.conduit.str(), "readings");
    EXPECT_EQ(to_string(told.guard), "unit 1 read holding-registers 0-9");
    const auto client = gateway.spec.partitions[0].interfaces[0].address;
    const auto server = gateway.spec.partitions[2].interfaces[0].address;
    EXPECT_THAT(told.ways, ElementsAre(model::GuardedWay<model::Ipv4>{client, server, 502},
                                       model::GuardedWay<model::Ipv4>{client, server, 503}));
    EXPECT_THAT(told.ways6, IsEmpty()) << "the server has no such address";
}

TEST(PlannedGuard, hears_of_other_rules_and_the_conduit_stays_open) {
    auto gateway = guarded_factory();
    gateway.converge();
    gateway.spec.conduits[0].guard = *model::parse_modbus_guard("unit 1 read holding-registers 0-19");
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("create guard tenant"));
    EXPECT_EQ(plan.steps[0].disruption, model::Disruption::live);
}

TEST(PlannedGuard, comes_and_goes_without_a_moment_in_which_the_flow_is_straight_and_guarded) {
    auto gateway = guarded_factory();
    const auto rules = gateway.spec.conduits[0].guard;
    gateway.spec.conduits[0].guard.reset();
    gateway.converge();
    gateway.spec.conduits[0].guard = rules;
    EXPECT_THAT(lines_of(gateway.plan()),
                ElementsAre("create port " + port.str(), "create guard tenant", "open conduit readings"));
    gateway.converge();
    gateway.spec.conduits[0].guard.reset();
    const auto lines = lines_of(gateway.plan());
    ASSERT_THAT(lines, Contains("delete guard tenant"));
    EXPECT_LT(place_of(lines, "delete port " + port.str()), place_of(lines, "delete guard tenant"));
    EXPECT_LT(place_of(lines, "close conduit readings"), place_of(lines, "delete port " + port.str()));
    EXPECT_LT(place_of(lines, "close conduit readings"), place_of(lines, "open conduit readings"));
    gateway.converge();
    EXPECT_THAT(gateway.world.observed.guards, IsEmpty());
    EXPECT_FALSE(gateway.world.observed.ports.contains(port));
}

TEST(PlannedGuard, is_made_anew_with_its_port) {
    auto gateway = guarded_factory();
    gateway.converge();
    auto& observed = gateway.world.observed;
    observed.ports.erase(port);
    std::erase_if(observed.rules, [](const model::Rule& rule) { return rule.via == port; });
    EXPECT_THAT(lines_of(gateway.plan()),
                ElementsAre("create port " + port.str(), "create guard tenant", "open conduit readings"));
    gateway.converge();
    observed.ports.at(port).guarded = false;
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("create port " + port.str(), "create guard tenant"));
    gateway.converge();
    observed.guards.at(tenant).error = "its process does not answer";
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("create guard tenant"));
}

TEST(PlannedGuard, is_refused_by_name_where_the_kernel_can_not) {
    auto gateway = guarded_factory();
    auto& lacks = gateway.world.observed.router_lacks;
    lacks.push_back({"CONFIG_MACVLAN", "Operation not supported", "modprobe macvlan"});
    EXPECT_TRUE(gateway.try_plan()) << "what routers alone need";
    lacks.push_back({"CONFIG_VETH", "Operation not supported", "modprobe veth"});
    lacks.back().for_guards = true;
    const auto refused = gateway.try_plan();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("guards of conduits need CONFIG_VETH"));
    gateway.spec.conduits[0].guard.reset();
    EXPECT_TRUE(gateway.try_plan());
}

}  // namespace
}  // namespace bulkhead::plan
