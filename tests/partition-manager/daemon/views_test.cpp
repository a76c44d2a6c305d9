#include "partition-manager/daemon/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partition-manager/daemon/device_view.hpp"
#include "tests/partition-manager/apply/fixture.hpp"
#include "tests/partition-manager/daemon/scene.hpp"

namespace bulkhead::daemon {
namespace {

using testing::ElementsAre;

struct ViewsTest : testing::Test {
    ViewsTest() { board.publish(factory_snapshot()); }
    v1alpha1::ListRequest of_tenant(const std::string& tenant) const {
        v1alpha1::ListRequest request;
        request.set_tenant(tenant);
        return request;
    }
    v1alpha1::ListRequest named(const std::string& name) const {
        v1alpha1::ListRequest request;
        request.set_name(name);
        return request;
    }

    apply::Folder folder;
    apply::FixedClock clock;
    std::unique_ptr<Loop> loop = Loop::open().value();
    Board board;
    Guests guests{
        *loop, clock, {folder / "state", folder / "run", {}, {}, "test"}, board, [](const apply::Event&) {}};
    Result<vnet::Traffic> traffic = vnet::Traffic{};
    Holds holds;
    trust::Results results{clock};
    passthrough::inventory::Inventory inventory;
    GuardStates guard_states;
    Views views{{board, guests, clock, [this] { return traffic; }, [this] { return holds; }, results,
                 [](v1alpha1::Status&) {}, [](v1alpha1::GatewayReport&) {},
                 [this] { return std::make_shared<const passthrough::inventory::Inventory>(inventory); },
                 [this] { return guard_states; }}};
};

TEST_F(ViewsTest, show_empty_lists_before_there_is_a_spec) {
    board.publish({});
    EXPECT_EQ(views.status().phase(), "none");
    EXPECT_EQ(views.status().gateway(), "");
    EXPECT_EQ(views.status().accelerator(), "") << "nobody looked yet";
    EXPECT_EQ(views.partitions({}).items_size(), 0);
    EXPECT_EQ(views.devices({}).items_size(), 0);
    EXPECT_EQ(views.zones({}).items_size(), 0);
    EXPECT_EQ(views.conduits({}).items_size(), 0);
    EXPECT_EQ(views.partitions({}).apiversion(), "bulkhead/v1alpha1");
}

TEST_F(ViewsTest, the_status_names_drift_with_what_mends_it) {
    auto snapshot = factory_snapshot();
    snapshot.phase = Phase::drifting;
    snapshot.drift = {
        {"partition/press", "stop: memory", "disruption/not-in-background", "--allow-restart press"}};
    board.publish(std::move(snapshot));
    const auto status = views.status();
    EXPECT_EQ(status.phase(), "drifting");
    EXPECT_EQ(status.gateway(), "press-line-3");
    EXPECT_EQ(status.accelerator(), "tcg");
    EXPECT_EQ(status.accelerator_reason(), "CPU has no vmx/svm");
    EXPECT_EQ(status.generation(), 4U);
    EXPECT_EQ(status.partitions(), 3U);
    EXPECT_EQ(status.partitions_ok(), 0U);
    ASSERT_EQ(status.drift_size(), 1);
    EXPECT_EQ(status.drift(0).mend(), "--allow-restart press");
}

TEST_F(ViewsTest, partitions_are_chosen_by_name_and_by_tenant) {
    EXPECT_EQ(views.partitions({}).items_size(), 3);
    EXPECT_EQ(views.partitions(named("press")).items(0).name(), "press");
    EXPECT_EQ(views.partitions(named("press")).items_size(), 1);
    EXPECT_EQ(views.partitions(named("nobody")).items_size(), 0);
    EXPECT_EQ(views.partitions(of_tenant("tenant")).items_size(), 3);
    EXPECT_EQ(views.partitions(of_tenant("other")).items_size(), 0);
}

TEST_F(ViewsTest, a_used_device_without_a_process_is_an_error_and_its_owner_tells_the_rest) {
    passthrough::Hold owner;
    owner.assignment.token = 5;
    owner.present = true;
    owner.to_guest_bytes = 77;
    holds[model::DeviceName("can-1")] = owner;
    const auto list = views.devices({});
    ASSERT_EQ(list.items_size(), 2);
    EXPECT_EQ(list.items(0).name(), "rs485-1");
    EXPECT_FALSE(list.items(0).present());
    EXPECT_EQ(list.items(0).error(), "no process owns the line");
    EXPECT_TRUE(list.items(1).present());
    EXPECT_EQ(list.items(1).token(), 5U);
    EXPECT_EQ(list.items(1).to_guest_bytes(), 77U);
    EXPECT_EQ(list.items(1).error(), "");
}

// The lines of the factory and a card, all on the bus; the card is in no spec.
passthrough::inventory::Inventory two_lines_and_a_card() {
    using passthrough::inventory::Kind;
    passthrough::inventory::Inventory found;
    found.devices = {{.id = "serial:1-1:1.0",
                      .kind = Kind::serial,
                      .at = "/dev/a",
                      .place = "usb1/1-1/1-1:1.0",
                      .title = "serial port",
                      .node = "/dev/a"},
                     {.id = "pci:0000:00:02.0",
                      .kind = Kind::pci,
                      .at = "0000:00:02.0",
                      .place = "pci0/0000:00:02.0",
                      .title = "CAN controller",
                      .node = "0000:00:02.0",
                      .group = "7",
                      .group_members = {"0000:00:03.0"},
                      .resets = {"flr"}}};
    found.iommu = found.vfio = true;
    return found;
}

TEST_F(ViewsTest, what_the_spec_has_comes_first_and_what_is_on_the_buses_besides_follows) {
    inventory = two_lines_and_a_card();
    const auto list = views.devices({});
    ASSERT_EQ(list.items_size(), 3);
    EXPECT_EQ(list.items(0).name(), "rs485-1");
    EXPECT_EQ(list.items(0).id(), "serial:1-1:1.0");
    EXPECT_EQ(list.items(1).name(), "can-1");
    EXPECT_EQ(list.items(1).id(), "");
    const auto& card = list.items(2);
    EXPECT_EQ(card.name(), "");
    EXPECT_EQ(card.gateway(), "press-line-3");
    EXPECT_EQ(card.kind(), "pci");
    EXPECT_EQ(card.health(), "ok");
    EXPECT_EQ(card.group(), "7");
    ASSERT_EQ(card.obstacles_size(), 1);
    EXPECT_EQ(card.obstacles(0).why(), "shares IOMMU group 7 with 0000:00:03.0");
    EXPECT_EQ(views.devices(named("pci:0000:00:02.0")).items_size(), 1);
    EXPECT_EQ(views.devices(of_tenant("tenant")).items_size(), 2);
}

TEST_F(ViewsTest, what_is_on_the_buses_is_shown_before_there_is_a_spec) {
    board.publish({});
    inventory = two_lines_and_a_card();
    EXPECT_EQ(views.devices({}).items_size(), 2);
}

TEST_F(ViewsTest, a_device_of_a_locked_partition_says_whose_lock_keeps_it) {
    auto snapshot = factory_snapshot();
    snapshot.locks[model::PartitionName("press")] = {{"Eva", "acceptance test"}, {}};
    board.publish(std::move(snapshot));
    const auto list = views.devices(named("can-1"));
    ASSERT_EQ(list.items(0).obstacles_size(), 1);
    EXPECT_EQ(list.items(0).obstacles(0).why(), "is locked by Eva (acceptance test)");
    EXPECT_EQ(list.items(0).obstacles(0).mend(), "bulkhead unlock press");
}

TEST_F(ViewsTest, zones_name_their_members) {
    const auto list = views.zones(named("zone-1"));
    ASSERT_EQ(list.items_size(), 1);
    EXPECT_EQ(list.items(0).subnet(), "10.1.0.0/24");
    EXPECT_THAT(list.items(0).members(), ElementsAre("robot-cell 10.1.0.10"));
}

TEST_F(ViewsTest, hosts_behind_a_wire_are_members_of_its_zone) {
    auto snapshot = factory_snapshot();
    auto spec = *snapshot.spec;
    model::WireHost plc{.name = model::EndName("plc-1"), .mac = {}, .address = {}, .address6 = {}};
    plc.address = spec.partitions[0].interfaces[0].address;
    spec.zones[0].wire = model::Wire{.interface = "enp4s0", .vlan = 0, .hosts = {plc}};
    snapshot.spec = std::make_shared<const model::Spec>(spec);
    board.publish(std::move(snapshot));
    EXPECT_THAT(views.zones(named(spec.zones[0].name.str())).items(0).members(),
                testing::Contains("plc-1 10.1.0.10"));
}

TEST_F(ViewsTest, a_conduit_is_open_when_the_kernel_has_it_and_counts_what_passed) {
    EXPECT_FALSE(views.conduits(named("readings")).items(0).open());
    const auto id = model::conduit_id(model::ConduitName("readings"));
    auto snapshot = factory_snapshot();
    snapshot.observed.rules.insert({model::PortName("a"), model::PortName("b"), {}, id});
    board.publish(std::move(snapshot));
    traffic->conduits[id] = {12, 3456};
    const auto list = views.conduits({});
    ASSERT_EQ(list.items_size(), 2);
    EXPECT_TRUE(list.items(0).open());
    EXPECT_EQ(list.items(0).packets(), 12U);
    EXPECT_THAT(list.items(0).allow(), ElementsAre("tcp/8883"));
    EXPECT_FALSE(list.items(1).open());
}

TEST_F(ViewsTest, a_guarded_conduit_says_what_was_refused_and_what_is_wrong_with_its_guard) {
    auto snapshot = factory_snapshot();
    auto spec = *snapshot.spec;
    spec.conduits[0].guard = *model::parse_modbus_guard("unit 1 read coils 0; rate 5/s");
    snapshot.spec = std::make_shared<const model::Spec>(spec);
    board.publish(std::move(snapshot));
    const auto guard = [this] { return views.conduits(named("readings")).items(0).guard(); };
    EXPECT_FALSE(views.conduits(named("forces")).items(0).has_guard());
    EXPECT_EQ(guard().rules(), "unit 1 read coils 0; rate 5/s");
    EXPECT_EQ(guard().problem(), "it was not made yet");
    const model::TenantName tenant("tenant");
    guard_states.insert_or_assign(tenant, fail(Code::unavailable, "no guard answers"));
    EXPECT_EQ(guard().problem(), "no guard answers");
    vnet::guard::State state;
    guard_states.insert_or_assign(tenant, state);
    EXPECT_EQ(guard().problem(), "it was not told of this conduit yet");
    state.conduits[spec.conduits[0].name] = {12, 3, 1, "unit 2: no rule is for this unit"};
    guard_states.insert_or_assign(tenant, state);
    EXPECT_EQ(guard().problem(), "");
    EXPECT_EQ(guard().passed(), 12U);
    EXPECT_EQ(guard().refused(), 3U);
    EXPECT_EQ(guard().broken(), 1U);
    EXPECT_EQ(guard().last(), "unit 2: no rule is for this unit");
    state.error = "can't listen on port 502";
    guard_states.insert_or_assign(tenant, state);
    EXPECT_EQ(guard().problem(), "can't listen on port 502");
}

TEST_F(ViewsTest, a_conduit_is_seen_by_the_tenants_at_both_its_ends_and_by_nobody_else) {
    auto snapshot = factory_snapshot();
    auto spec = *snapshot.spec;
    spec.partitions[2].tenant = model::TenantName("it");
    snapshot.spec = std::make_shared<const model::Spec>(std::move(spec));
    board.publish(std::move(snapshot));
    EXPECT_EQ(views.conduits(of_tenant("it")).items_size(), 2);
    EXPECT_EQ(views.conduits(of_tenant("tenant")).items_size(), 2);
    EXPECT_EQ(views.conduits(of_tenant("other")).items_size(), 0);
}

TEST_F(ViewsTest, partitions_are_shown_even_if_the_switch_can_not_be_asked) {
    traffic = fail(Code::unavailable, "no maps");
    EXPECT_EQ(views.partitions({}).items_size(), 3);
    EXPECT_EQ(views.conduits({}).items_size(), 2);
}

TEST_F(ViewsTest, a_page_of_events_tells_where_the_next_one_begins) {
    apply::EventPage page;
    page.events.push_back({3,
                           "t",
                           "boot",
                           5,
                           {"partition.started", "uid:0", model::TenantName("acme"), apply::OperationId("op"),
                            model::PartitionName("press"), "new"}});
    page.next = 3;
    const auto list = views.events(page);
    ASSERT_EQ(list.items_size(), 1);
    EXPECT_EQ(list.items(0).code(), "partition.started");
    EXPECT_EQ(list.items(0).actor(), "uid:0");
    EXPECT_EQ(list.items(0).gateway(), "press-line-3");
    EXPECT_EQ(list.next(), "3");
    EXPECT_EQ(views.events({}).next(), "");
}

TEST_F(ViewsTest, nothing_is_said_of_a_partition_before_the_machine_was_looked_at) {
    auto unseen = factory_snapshot();
    unseen.looked = false;
    board.publish(std::move(unseen));
    guests.follow();
    EXPECT_FALSE(guests.view(model::PartitionName("press")));
}

TEST_F(ViewsTest, every_partition_of_the_spec_has_a_condition_once_it_is_followed) {
    guests.follow();
    const auto press = guests.view(model::PartitionName("press"));
    ASSERT_TRUE(press);
    EXPECT_EQ(press->state, "booting");
    EXPECT_EQ(press->health, "unknown");
    EXPECT_FALSE(guests.view(model::PartitionName("nobody")));
    EXPECT_NE(guests.output(model::PartitionName("press")), nullptr);
    board.publish({.looked = true});
    guests.follow();
    EXPECT_FALSE(guests.view(model::PartitionName("press")));
}

}  // namespace
}  // namespace bulkhead::daemon
