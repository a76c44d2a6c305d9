// What the API says of the switch, over one that is data alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partition-manager/daemon/explanation.hpp"
#include "partition-manager/daemon/proof.hpp"
#include "partition-manager/daemon/traffic_view.hpp"
#include "tests/partition-manager/daemon/fake_switch.hpp"

namespace bulkhead::daemon {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

struct SwitchTest : testing::Test {
    SwitchTest() { board.publish(factory_snapshot()); }

    Result<v1alpha1::Explanation> ask(const std::string& interface, const std::string& words) {
        v1alpha1::ExplainRequest request;
        request.set_interface(interface);
        request.set_words(words);
        return explain(fake.sources(board, clock), request, "uid:0");
    }
    v1alpha1::FrameVerdict verdict(const std::string& interface, const std::string& words) {
        const auto answer = ask(interface, words);
        EXPECT_TRUE(answer) << answer.error().text();
        return answer ? answer->items(0) : v1alpha1::FrameVerdict();
    }
    v1alpha1::Proof proof(const std::string& from, const std::string& to) {
        v1alpha1::ProveRequest request;
        request.set_from(from);
        request.set_to(to);
        request.set_all(from.empty());
        const auto made = prove(fake.sources(board, clock), request);
        EXPECT_TRUE(made) << made.error().text();
        return made.value_or(v1alpha1::Proof());
    }
    v1alpha1::Proof proof_of_all() { return proof("", ""); }
    model::PortName port(const std::string& partition) {
        return model::port_name(model::PartitionName(partition), 0);
    }
    v1alpha1::ListRequest of_tenant(const std::string& tenant) {
        v1alpha1::ListRequest request;
        request.set_tenant(tenant);
        return request;
    }

    apply::FixedClock clock;
    Board board;
    FakeSwitch fake{fake::factory()};
    const std::string readings = "tcp 10.1.0.10:40000 > 10.9.0.2:8883";
};

TEST_F(SwitchTest, explains_what_passes_by_its_rule_conduit_and_place) {
    fake.stored =
        apply::StoredSpec{"conduits:\n  - {name: forces}\n  - {name: readings}\n", "factory.yaml", 1, true};
    fake.traffic.conduits[model::conduit_id(model::ConduitName("readings"))] = {77, 1, 1, 0};
    const auto said = verdict("robot-cell", readings);
    EXPECT_EQ(said.frame(), readings + " syn");
    EXPECT_EQ(said.verdict(), "passes");
    EXPECT_EQ(said.to(), "it-admin");
    EXPECT_EQ(said.to_interface(), port("it-admin").str());
    EXPECT_EQ(said.conduit(), "readings");
    EXPECT_EQ(said.allows(), "robot-cell > it-admin tcp/8883");
    EXPECT_EQ(said.place(), "factory.yaml:3:5");
    EXPECT_EQ(said.counter(), "conduit/readings/packets");
    EXPECT_EQ(said.counted(), 77U);
    EXPECT_EQ(said.program(), "passes");
    EXPECT_EQ(said.disagreement(), "");
    EXPECT_THAT(fake.events, SizeIs(0));
}

TEST_F(SwitchTest, explains_a_drop_by_its_reason_and_counter) {
    fake.traffic.ports[port("robot-cell")].dropped["no_conduit"] = 5;
    const auto said = verdict(port("robot-cell").str(), "tcp 10.1.0.10:40000 > 10.2.0.10:22");
    EXPECT_EQ(said.verdict(), "dropped");
    EXPECT_EQ(said.reason(), "no_conduit");
    EXPECT_EQ(said.to(), "press");
    EXPECT_EQ(said.to_interface(), "");
    EXPECT_EQ(said.rule(), 0U);
    EXPECT_EQ(said.place(), "");
    EXPECT_EQ(said.counter(), "robot-cell/dropped/no_conduit");
    EXPECT_EQ(said.counted(), 5U);
}

TEST_F(SwitchTest, a_disagreement_is_told_and_recorded) {
    fake.program_says = 1 + switch_drop_service;
    const auto answer = ask("robot-cell", readings);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->disagreements(), 1U);
    EXPECT_EQ(answer->items(0).disagreement(), "the data says passes, the program dropped: service");
    ASSERT_THAT(fake.events, SizeIs(1));
    EXPECT_EQ(fake.events[0].code, "switch.disagreement");
    EXPECT_EQ(fake.events[0].actor, "uid:0");
    EXPECT_THAT(fake.events[0].text, HasSubstr(readings));
}

TEST_F(SwitchTest, explains_frames_as_they_are_and_only_so_many) {
    v1alpha1::ExplainRequest request;
    request.set_interface("robot-cell");
    request.add_frames(std::string(20, '\0'));
    request.add_frames(std::string(60, '\0'));
    const auto answer = explain(fake.sources(board, clock), request, "uid:0");
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->items_size(), 2);
    EXPECT_EQ(answer->items(0).verdict(), "dropped");
    for (int i = 0; i < 1000; ++i) request.add_frames("x");
    const auto many = explain(fake.sources(board, clock), request, "uid:0");
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code, Code::invalid);
}

TEST_F(SwitchTest, names_that_are_nobody_are_refused_with_the_nearest) {
    const auto answer = ask("robot-cel", readings);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::not_found);
    EXPECT_EQ(answer.error().mend, "did you mean robot-cell?");
    const auto words = ask("robot-cell", "tcp to the press");
    ASSERT_FALSE(words);
    EXPECT_EQ(words.error().code, Code::invalid);
    board.publish({});
    EXPECT_EQ(ask("robot-cell", readings).error().code, Code::not_found);
}

TEST_F(SwitchTest, proves_that_two_are_apart_with_the_size_of_the_case_split) {
    const auto made = proof("robot-cell", "press");
    EXPECT_TRUE(made.proved());
    EXPECT_GT(made.cases(), 10U);
    EXPECT_EQ(made.ports(), 3U);
    EXPECT_EQ(made.rules(), 2U);
    EXPECT_TRUE(proof("zone-1", "partition/press").proved());
    EXPECT_FALSE(proof("zone/zone-1", "zone-9").proved());
    v1alpha1::ProveRequest request;
    request.set_from("zone-1");
    request.set_to("pres");
    const auto nobody = prove(fake.sources(board, clock), request);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().mend, "did you mean press?");
}

TEST_F(SwitchTest, shows_the_packet_that_gets_through) {
    const auto made = proof("robot-cell", "it-admin");
    EXPECT_FALSE(made.proved());
    ASSERT_EQ(made.counterexample_size(), 1);
    const auto& hop = made.counterexample(0);
    EXPECT_EQ(hop.from(), "robot-cell");
    EXPECT_EQ(hop.to(), "it-admin");
    EXPECT_EQ(hop.way(), "opens");
    EXPECT_EQ(hop.conduit(), "readings");
    EXPECT_EQ(hop.interface(), port("robot-cell").str());
    EXPECT_THAT(hop.frame(), HasSubstr("> 10.9.0.2:8883"));
    EXPECT_THAT(hop.packet(), SizeIs(54));
    EXPECT_EQ(proof("it-admin", "robot-cell").counterexample(0).way(), "answers");
}

TEST_F(SwitchTest, proves_that_everything_is_as_the_conduits_say) {
    const auto made = proof_of_all();
    EXPECT_TRUE(made.proved()) << made.DebugString();
    EXPECT_EQ(made.joined(), 4U);  // two conduits, there and back
    EXPECT_EQ(made.pairs(), 2U);   // robot-cell and press, both ways
}

// A rule that the spec has no more, as after a change of the spec that is not applied yet.
TEST_F(SwitchTest, a_way_that_no_conduit_allows_is_shown) {
    auto snapshot = factory_snapshot();
    auto spec = *snapshot.spec;
    spec.conduits.pop_back();
    snapshot.spec = std::make_shared<const model::Spec>(spec);
    board.publish(std::move(snapshot));
    const auto made = proof_of_all();
    EXPECT_FALSE(made.proved());
    ASSERT_GT(made.counterexample_size(), 0);
    EXPECT_THAT(made.counterexample(0).packet(), SizeIs(54));
}

TEST_F(SwitchTest, a_conduit_that_lets_nothing_pass_is_told) {
    auto snapshot = factory_snapshot();
    auto spec = *snapshot.spec;
    spec.conduits.front().allow.push_back({model::Transport::udp, 123});
    snapshot.spec = std::make_shared<const model::Spec>(spec);
    board.publish(std::move(snapshot));
    const auto made = proof_of_all();
    EXPECT_FALSE(made.proved());
    ASSERT_EQ(made.doubts_size(), 1);
    EXPECT_EQ(made.doubts(0).subject(), "conduit " + spec.conduits.front().name.str());
    EXPECT_THAT(made.doubts(0).what(), HasSubstr("udp/123: nothing passes"));
}

// Each entry of the policy taken away, one flaw of an interface: nothing is proved any more.
TEST_F(SwitchTest, nothing_is_proved_over_a_state_that_nobody_meant) {
    for (const auto& [flow, choice] : fake.sight.wanted.policy) {
        fake.sight.there.policy.erase(flow);
        EXPECT_FALSE(proof_of_all().proved());
        EXPECT_FALSE(proof("robot-cell", "press").proved());
        fake.sight.there = fake.sight.wanted;
    }
    EXPECT_TRUE(proof_of_all().proved());
    fake.sight.flaws[port("press")] = "the switch's programs are not on it";
    const auto made = proof("robot-cell", "it-admin");
    EXPECT_FALSE(made.proved());
    ASSERT_EQ(made.doubts_size(), 1);
    EXPECT_EQ(made.doubts(0).subject(), "port " + port("press").str());
}

TEST_F(SwitchTest, denials_are_named_dated_and_chosen_by_tenant_and_end) {
    using namespace std::chrono_literals;
    clock.now = 100s;
    fake.traffic.denials = {
        {port("robot-cell"), port("press"), "10.2.0.10", 6, 22, "no_conduit", 3, 40'000'000'000},
        {port("press"), {}, "192.0.2.1", 17, 53, "no_conduit", 9, 90'000'000'000}};
    const auto list = denials(fake.sources(board, clock), {}).value();
    ASSERT_EQ(list.items_size(), 2);
    EXPECT_EQ(list.total(), 2U);
    EXPECT_EQ(list.items(0).from(), "press");  // the latest
    EXPECT_EQ(list.items(0).to(), "");
    EXPECT_EQ(list.items(0).service(), "udp/53");
    EXPECT_EQ(list.items(1).service(), "tcp/22");
    EXPECT_EQ(list.items(1).count(), 3U);
    EXPECT_EQ(list.items(1).last_seconds(), 60U);
    EXPECT_EQ(list.items(1).last(), "1970-01-01T00:00:40.000Z");
    v1alpha1::ListRequest request;
    request.set_name("robot-cell");
    EXPECT_EQ(denials(fake.sources(board, clock), request)->items_size(), 1);
    EXPECT_EQ(denials(fake.sources(board, clock), of_tenant("nobody"))->items_size(), 0);
    request.Clear();
    request.set_page_size(1);
    const auto first = denials(fake.sources(board, clock), request).value();
    EXPECT_EQ(first.items_size(), 1);
    EXPECT_EQ(first.total(), 2U);
}

TEST_F(SwitchTest, routers_say_how_they_are_and_where_they_lead) {
    Snapshot snapshot;
    auto spec = std::make_shared<model::Spec>(*board.current()->spec);
    model::Uplink plant;
    plant.name = model::UplinkName("plant");
    plant.interface = "enp2s0";
    plant.vlan = 20;
    plant.address.address = {0xC000020A};
    spec->uplinks = {plant};
    model::Router router;
    router.tenant = spec->tenants[0].name;
    router.zones = {spec->zones[0].name};
    router.uplinks = {plant.name};
    spec->routers = {router};
    snapshot.spec = spec;
    RouterStates states;
    EXPECT_EQ(routers(snapshot, states, {}).items(0).state(), "missing");
    EXPECT_EQ(routers(snapshot, states, {}).items(0).problem(), "it was not made yet");
    states.emplace(router.tenant, fail(Code::unavailable, "the router does not answer"));
    EXPECT_EQ(routers(snapshot, states, {}).items(0).problem(), "the router does not answer");
    states.clear();
    states.emplace(router.tenant,
                   vnet::router::State{"", "dnsmasq ended", {{plant.name, true, true}}, {}, 1});
    const auto list = routers(snapshot, states, {});
    ASSERT_EQ(list.items_size(), 1);
    EXPECT_EQ(list.items(0).state(), "broken");
    EXPECT_EQ(list.items(0).problem(), "dnsmasq ended");
    ASSERT_EQ(list.items(0).uplinks_size(), 1);
    EXPECT_EQ(list.items(0).uplinks(0).interface(), "enp2s0.20");
    EXPECT_EQ(list.items(0).uplinks(0).address(), "192.0.2.10");
    EXPECT_TRUE(list.items(0).uplinks(0).used());
    EXPECT_EQ(routers(snapshot, states, of_tenant("nobody")).items_size(), 0);
}

TEST_F(SwitchTest, flows_name_their_rule_and_conduit) {
    const auto readings_id = model::conduit_id(model::ConduitName("readings"));
    fake.flows = {
        {port("robot-cell"), port("it-admin"), "10.1.0.10", "10.9.0.2", 40000, 8883, 6, "established", 2,
         readings_id, 10, 1000, 0},
        {port("press"), port("it-admin"), "fd00::1", "fd00::2", 1, 514, 17, "opening", 7, 99, 1, 60, 0}};
    const auto list = flows(fake.sources(board, clock), {}).value();
    ASSERT_EQ(list.items_size(), 2);
    EXPECT_EQ(list.items(0).source(), "10.1.0.10:40000");
    EXPECT_EQ(list.items(0).conduit(), "readings");
    EXPECT_EQ(list.items(0).rule(), 2U);
    EXPECT_EQ(list.items(1).target(), "[fd00::2]:514");
    EXPECT_EQ(list.items(1).conduit(), "");
}

// The readings of the factory, guarded.
struct GuardedSwitchTest : SwitchTest {
    GuardedSwitchTest() {
        auto snapshot = factory_snapshot();
        snapshot.spec = std::make_shared<const model::Spec>(spec);
        board.publish(std::move(snapshot));
        fake = FakeSwitch(spec);
    }
    static model::Spec guarded() {
        auto spec = fake::factory();
        spec.conduits[0].guard = *model::parse_modbus_guard("unit 1 read coils 0");
        return spec;
    }
    const model::Spec spec = guarded();
};

TEST_F(GuardedSwitchTest, explains_a_flow_by_the_guard_that_it_goes_through) {
    const auto said = verdict("robot-cell", readings);
    EXPECT_EQ(said.verdict(), "passes");
    EXPECT_EQ(said.to(), "it-admin") << "who is meant";
    EXPECT_EQ(said.to_interface(), model::guard_port_name(model::TenantName("tenant")).str());
    EXPECT_EQ(said.via(), "tenant");
    EXPECT_EQ(said.conduit(), "readings");
    const auto behind = verdict("guard of tenant", "tcp 10.1.0.10:20000 > 10.9.0.2:8883");
    EXPECT_EQ(behind.verdict(), "passes");
    EXPECT_EQ(behind.to_interface(), port("it-admin").str());
    EXPECT_EQ(behind.via(), "tenant");
    EXPECT_EQ(verdict("press", "tcp 10.2.0.10:40000 > 10.9.0.2:8883").via(), "");
}

TEST_F(GuardedSwitchTest, proves_that_flows_go_through_it_and_names_it_on_the_way) {
    EXPECT_TRUE(proof_of_all().proved()) << proof_of_all().DebugString();
    const auto way = proof("robot-cell", "it-admin");
    ASSERT_FALSE(way.proved());
    EXPECT_EQ(way.counterexample(0).via(), "tenant");
    for (auto& [number, rule] : fake.sight.there.rules) rule.via = 0;
    EXPECT_FALSE(proof_of_all().proved()) << "the kernel leads it straight";
}

}  // namespace
}  // namespace bulkhead::daemon
