#include "vnet/proof/reach.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <set>

#include "tests/vnet/explain/bed.hpp"
#include "tests/vnet/explain/random_frames.hpp"
#include "vnet/proof/agreement.hpp"

namespace bulkhead::vnet::test {
namespace {

using proof::Edge;
using proof::Way;

using Pairs = std::set<std::pair<Slot, Slot>>;
Pairs pairs_of(const proof::Reach& reach) {
    Pairs pairs;
    for (const Edge& edge : reach.edges) pairs.insert({edge.from, edge.to});
    return pairs;
}

std::string text(const proof::Edge& edge) {
    std::string all =
        std::to_string(edge.from) + " > " + std::to_string(edge.to) + " by rule " + std::to_string(edge.rule);
    for (const auto& witness : edge.witnesses) all += "; " + witness.words();
    return all;
}

class Reachability : public ::testing::Test, protected Bed {
  protected:
    Slot slot(const std::string& name) { return network.ports.at(model::PortName(name)).slot; }
    bool has(const std::string& from, const std::string& to, Way way) {
        const auto found = proof::reach(ir);
        return std::ranges::any_of(found.edges, [&](const Edge& edge) {
            return edge.from == slot(from) && edge.to == slot(to) && edge.way == way;
        });
    }
};

TEST_F(Reachability, without_rules_nothing_reaches_anything) {
    const auto found = proof::reach(ir);
    EXPECT_TRUE(found.edges.empty());
    EXPECT_GT(found.atoms, 100U);
}

TEST_F(Reachability, a_rule_is_one_way_to_open_and_one_to_answer) {
    allow("robot", "admin", model::Transport::tcp, 443);
    EXPECT_TRUE(has("robot", "admin", Way::opens));
    EXPECT_TRUE(has("admin", "robot", Way::answers));
    EXPECT_FALSE(has("admin", "robot", Way::opens));
    EXPECT_FALSE(has("robot", "press", Way::opens));
}

TEST_F(Reachability, hosts_behind_wires_and_networks_beyond_routers_are_ends_too) {
    allow("plc", "robot", model::Transport::tcp, 502);
    allow("robot", "internet", model::Transport::tcp, 443);
    EXPECT_TRUE(has("plc", "robot", Way::opens));
    EXPECT_TRUE(has("robot", "internet", Way::opens));
    EXPECT_TRUE(has("internet", "robot", Way::answers));
}

TEST_F(Reachability, a_counterexample_is_a_frame_that_passes) {
    allow("robot", "admin", model::Transport::udp, 514);
    const auto found = proof::reach(ir);
    for (const Edge& edge : found.edges) {
        explain::Memory told;
        explain::Decision last;
        for (const auto& witness : edge.witnesses) {
            last = evaluate(ir, {witness.ifindex, witness.frame, 0}, told);
            remember(last, told);
        }
        EXPECT_EQ(last.verdict, explain::Verdict::passes) << text(edge);
        EXPECT_EQ(last.to, edge.to);
    }
    EXPECT_EQ(found.edges.size(), 2U);
}

// Exactness: what random frames can do, the proof has found, over networks of all kinds.
TEST(ReachAtRandom, no_frame_passes_between_two_that_the_proof_keeps_apart) {
    const std::vector<unsigned> interfaces{21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36};
    std::size_t passed = 0;
    std::size_t edges = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        Random random(seed);
        const Ir ir = compile(random_network(random, interfaces));
        const auto found = proof::reach(ir);
        for (const Edge& edge : found.contradictions)
            ADD_FAILURE() << "seed " << seed << ", the checks differ: " << text(edge);
        const Pairs pairs = pairs_of(found);
        edges += pairs.size();
        Frames frames(random, ir);
        explain::Memory memory;
        for (int i = 0; i < 300; ++i) {
            const Sent sent = frames.next();
            const auto decision = evaluate(ir, {sent.ifindex, sent.frame, sent.gso_size}, memory);
            remember(decision, memory);
            if (decision.verdict != explain::Verdict::passes) continue;
            ++passed;
            std::vector<Slot> receivers = decision.copies;
            if (receivers.empty()) receivers.push_back(decision.to);
            for (const Slot to : receivers)  // 0: an advertisement in a zone without members
                EXPECT_TRUE(to == 0 || pairs.contains({decision.from, to}))
                    << "seed " << seed << ": " << decision.from << " > " << to << " "
                    << explain::describe_frame(sent.frame);
        }
    }
    EXPECT_GT(passed, 1000U);
    EXPECT_GT(edges, 300U);
}

// 20 tenants of 5 partitions, with 50 conduits each and none between them.
Network plant() {
    Network network;
    unsigned slot = 0;
    for (unsigned tenant = 1; tenant <= 20; ++tenant) {
        const std::string name = "t" + std::to_string(tenant);
        network.tenants[model::TenantName(name)] = static_cast<std::uint16_t>(tenant);
        network.zones[model::ZoneName(name)] = static_cast<std::uint16_t>(tenant);
        for (unsigned i = 0; i < 5; ++i) {
            PlacedPort& placed = network.ports[model::PortName(name + "-" + std::to_string(i))];
            placed.slot = placed.ifindex = ++slot;
            placed.port.name = model::PortName(name + "-" + std::to_string(i));
            placed.port.tenant = model::TenantName(name);
            placed.port.zone = model::ZoneName(name);
            placed.port.mac = model::Mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(slot)}};
            placed.port.address = model::Ipv4{(10U << 24) | (tenant << 8) | (10 + i)};
        }
        for (unsigned i = 0; i < 50; ++i) {
            PlacedRule placed;
            placed.rule.from = model::PortName(name + "-" + std::to_string(i % 5));
            placed.rule.to = model::PortName(name + "-" + std::to_string((i + 1) % 5));
            placed.rule.service = {model::Transport::tcp, static_cast<std::uint16_t>(1000 + i)};
            placed.number = static_cast<RuleNumber>(network.rules.size() + 1);
            network.rules.push_back(placed);
        }
    }
    return network;
}

TEST(ReachAtScale, twenty_tenants_with_fifty_conduits_each_are_proved_apart) {
    const Ir ir = compile(plant());
    const auto start = std::chrono::steady_clock::now();
    const auto found = proof::reach(ir);
    const auto disagreements = proof::disagreements(ir);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    EXPECT_TRUE(disagreements.empty());
    EXPECT_EQ(found.edges.size(), 2000U);  // each conduit, there and back
    for (const Edge& edge : found.edges) EXPECT_EQ((edge.from - 1) / 5, (edge.to - 1) / 5) << text(edge);
    std::cout << found.atoms << " cases in " << took.count() << " ms\n";
}

TEST(ReachAtRandom, tables_that_compile_makes_agree) {
    const std::vector<unsigned> interfaces{21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36};
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Random random(seed);
        const Ir ir = compile(random_network(random, interfaces));
        for (const auto& finding : proof::disagreements(ir))
            ADD_FAILURE() << "seed " << seed << ", " << finding.table << ": " << finding.what;
        EXPECT_TRUE(proof::differences(ir, ir).empty());
    }
}

}  // namespace
}  // namespace bulkhead::vnet::test
