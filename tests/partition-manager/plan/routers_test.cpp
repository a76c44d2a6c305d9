#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

// The factory, whose robot has a router, a way out, and a service that the outside reaches.
Gateway routed_factory() {
    Gateway gateway;
    gateway.spec = fake::factory();
    auto& spec = gateway.spec;
    spec.partitions[0].interfaces[0].dhcp = true;
    model::Uplink slow{model::UplinkName("mobile"), "enp3s0"};
    slow.address = {{0xC633640A}, {{0xC6336400}, 24}, {0xC6336401}};
    model::Uplink fast{model::UplinkName("plant"), "enp2s0"};
    fast.priority = 10;
    fast.address = {{0xC000020A}, {{0xC0000200}, 24}, {0xC0000201}};
    spec.uplinks = {slow, fast};
    model::Router router;
    router.tenant = model::TenantName("tenant");
    router.zones = {model::ZoneName("zone-1")};
    router.uplinks = {slow.name, fast.name};
    router.names = {"example.com"};
    router.resolvers = {{0xC0000235}};
    router.forwards = {{fast.name, {model::Transport::tcp, 8443}, model::EndName("robot-cell"), 443}};
    spec.routers = {router};
    spec.outsides = {{model::EndName("beyond"), {{{0xCB007100}, 24}}}};
    const model::EndName robot("robot-cell");
    const model::EndName beyond("beyond");
    spec.conduits.push_back(
        {model::ConduitName("out"), robot, beyond, {{model::Transport::tcp, 443}}, "because"});
    spec.conduits.push_back(
        {model::ConduitName("in"), beyond, robot, {{model::Transport::tcp, 443}}, "because"});
    return gateway;
}

model::PortName robot_port() {
    return model::port_name(model::PartitionName("robot-cell"), 0);
}

TEST(PlannedRouter, comes_after_its_legs_and_stays_as_it_is) {
    auto gateway = routed_factory();
    const auto lines = lines_of(gateway.plan());
    const auto router = std::ranges::find(lines, "create router tenant");
    const auto leg =
        std::ranges::find(lines, "create port " + model::router_port_name(model::ZoneName("zone-1")).str());
    ASSERT_NE(router, lines.end());
    EXPECT_LT(leg, router);
    gateway.converge();
    EXPECT_THAT(lines_of(gateway.plan()), IsEmpty());
}

TEST(PlannedRouter, is_told_all_that_it_does) {
    auto gateway = routed_factory();
    gateway.converge();
    const auto& router = gateway.world.observed.routers.at(model::TenantName("tenant")).router;
    ASSERT_EQ(router.uplinks.size(), 2U);
    EXPECT_EQ(router.uplinks[0].name.str(), "plant") << "the first priority first";
    ASSERT_EQ(router.leases.size(), 1U);
    EXPECT_EQ(router.leases[0].address, gateway.spec.partitions[0].interfaces[0].address);
    EXPECT_EQ(router.leases[0].mac,
              model::port_mac(gateway.spec.gateway, gateway.spec.partitions[0].name, 0));
    EXPECT_EQ(router.flows.size(), 2U);
    ASSERT_EQ(router.forwards.size(), 1U);
    EXPECT_EQ(router.forwards[0].to, router.leases[0].address);
}

TEST(PlannedRouter, has_rules_in_the_switch_for_names_and_the_outside) {
    auto gateway = routed_factory();
    gateway.converge();
    std::vector<std::string> flows;
    for (const auto& rule : gateway.world.observed.rules)
        flows.push_back((rule.from == robot_port() ? "robot > "
                         : rule.to == robot_port() ? "> robot "
                                                   : "") +
                        to_string(rule.service));
    EXPECT_THAT(flows,
                IsSupersetOf({"robot > udp/53", "robot > tcp/53", "robot > tcp/443", "> robot tcp/443"}));
}

TEST(PlannedRouter, is_changed_live_and_restarts_nobody) {
    auto gateway = routed_factory();
    gateway.converge();
    gateway.spec.routers[0].names.clear();
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("close conduit names.tenant", "create router tenant"));
    for (const auto& step : plan.steps) EXPECT_EQ(step.disruption, model::Disruption::live) << line_of(step);
}

TEST(PlannedRouter, that_ended_is_made_anew) {
    auto gateway = routed_factory();
    gateway.converge();
    auto& observed = gateway.world.observed;
    observed.routers.at(model::TenantName("tenant")).error = "its process does not answer";
    observed.ports.at(model::router_port_name(model::ZoneName("zone-1"))).guarded = false;
    const auto lines = lines_of(gateway.plan());
    EXPECT_THAT(lines, ElementsAre("create port " + model::router_port_name(model::ZoneName("zone-1")).str(),
                                   "create router tenant"));
    gateway.converge();
    EXPECT_THAT(lines_of(gateway.plan()), IsEmpty());
}

TEST(PlannedRouter, goes_with_all_that_it_had) {
    auto gateway = routed_factory();
    gateway.converge();
    gateway.spec = fake::factory();
    const auto lines = lines_of(gateway.plan());
    EXPECT_THAT(lines, Contains("delete router tenant"));
    gateway.converge();
    EXPECT_THAT(gateway.world.observed.routers, IsEmpty());
    EXPECT_FALSE(gateway.world.observed.ports.contains(model::router_port_name(model::ZoneName("zone-1"))));
    EXPECT_FALSE(gateway.world.observed.ports.contains(model::end_port_name(model::EndName("beyond"))));
}

TEST(PlannedRouter, names_what_the_kernel_lacks_before_anything_is_done) {
    auto gateway = routed_factory();
    gateway.world.observed.router_lacks = {
        {"CONFIG_MACVLAN", "the kernel does not do what needs it", "modprobe macvlan"}};
    const auto plan = gateway.try_plan();
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, Code::unsupported);
    EXPECT_EQ(plan.error().text(),
              "router/tenant: routers need CONFIG_MACVLAN: the kernel does not do what needs it; "
              "modprobe macvlan");
    gateway.spec = fake::factory();
    EXPECT_TRUE(gateway.try_plan()) << "whoever has no router needs none of it";
}

}  // namespace
}  // namespace bulkhead::plan
