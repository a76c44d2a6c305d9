#include "partition-manager/apply/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partition-manager/apply/step_codec.hpp"
#include "tests/partition-manager/apply/fixture.hpp"
#include "tests/vnet/router/sample.hpp"

namespace bulkhead::apply {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct JournalTest : testing::Test, Fixture {
    Store store{*database, clock};
};

// Nothing of it is what an assignment has by itself.
const model::Assignment nine{model::DeviceName("can-1"),
                             model::PartitionName("press"),
                             9,
                             "/dev/b",
                             {115200, 7, 'E', 2, model::Rs485{}},
                             model::DeviceKind::usb,
                             model::parse_line_rules("slcan 500000; receive 0x181").value(),
                             {"0403", "6001"},
                             {true, model::OnLoss::detach}};
const model::Action assign_nine = model::AssignDevice{nine};

TEST_F(JournalTest, keeps_an_operation_until_it_is_finished) {
    ASSERT_TRUE(journal.begin(operation, plan));
    EXPECT_THAT(journal.unfinished().value(), ElementsAre(operation));
    ASSERT_TRUE(journal.finish(operation.id, nullptr));
    EXPECT_THAT(journal.unfinished().value(), IsEmpty());
}

TEST_F(JournalTest, never_gives_out_a_token_twice) {
    EXPECT_EQ(store.next_token().value(), 1U);
    model::Plan one;
    one.steps.push_back({assign_nine, model::Disruption::none, "", {}, {}});
    ASSERT_TRUE(journal.begin(operation, one));
    EXPECT_EQ(store.next_token().value(), 10U);
    ASSERT_TRUE(journal.replan(operation.id, {}));
    EXPECT_EQ(store.next_token().value(), 10U);
}

TEST_F(JournalTest, records_the_owner_of_a_device_before_anything_is_done) {
    model::Plan one;
    one.steps.push_back({assign_nine, model::Disruption::none, "", {}, {}});
    ASSERT_TRUE(journal.begin(operation, one));
    EXPECT_THAT(store.assignments().value(), IsEmpty());
    ASSERT_TRUE(journal.step_started(operation.id, 0, assign_nine));
    EXPECT_EQ(store.assignments()->at(nine.device), nine);
    const model::ReleaseDevice stale{model::DeviceName("can-1"), model::PartitionName("press"), 8};
    ASSERT_TRUE(journal.step_started(operation.id, 0, stale));
    EXPECT_EQ(store.assignments()->size(), 1U);
    const model::ReleaseDevice release{model::DeviceName("can-1"), model::PartitionName("press"), 9};
    ASSERT_TRUE(journal.step_started(operation.id, 0, release));
    EXPECT_THAT(store.assignments().value(), IsEmpty());
}

TEST_F(JournalTest, forgets_a_restart_once_the_partition_was_stopped) {
    const model::PartitionName press("press");
    const model::Action stop = model::StopMachine{press};
    operation.restart = {press};
    model::Plan one;
    one.steps.push_back({stop, model::Disruption::restart, "", press, {}});
    ASSERT_TRUE(journal.begin(operation, one));
    EXPECT_THAT(journal.unfinished().value().front().restart, ElementsAre(press));
    ASSERT_TRUE(journal.step_done(operation.id, 0, stop));
    EXPECT_THAT(journal.unfinished().value().front().restart, IsEmpty());
}

TEST_F(JournalTest, forgets_a_restart_whose_partition_was_seen_stopped) {
    operation.restart = {model::PartitionName("press")};
    ASSERT_TRUE(journal.begin(operation, {}));
    EXPECT_THAT(journal.unfinished().value().front().restart, IsEmpty());
}

TEST_F(JournalTest, prunes_finished_operations_only) {
    for (const std::string id : {"a", "b", "c", "d"}) {
        operation.id = OperationId(id);
        ASSERT_TRUE(journal.begin(operation, plan));
        if (id != "a") {
            ASSERT_TRUE(journal.finish(operation.id, nullptr));
        }
    }
    ASSERT_TRUE(journal.prune(1));
    EXPECT_TRUE(journal.read(OperationId("a")));
    EXPECT_TRUE(journal.read(OperationId("d")));
    EXPECT_EQ(journal.read(OperationId("b")).error().code, Code::not_found);
    EXPECT_EQ(journal.read(OperationId("c")).error().code, Code::not_found);
    EXPECT_EQ(database->query("SELECT count(*) FROM step")->front().number(0),
              static_cast<std::int64_t>(2 * plan.steps.size()));
}

TEST_F(JournalTest, refuses_a_plan_of_a_newer_version) {
    ASSERT_TRUE(journal.begin(operation, plan));
    const std::string now = "\"version\":" + std::to_string(step_version());
    const std::string later = "\"version\":" + std::to_string(step_version() + 1);
    ASSERT_TRUE(
        database->script("UPDATE step SET payload = replace(payload, '" + now + "', '" + later + "')"));
    EXPECT_EQ(journal.unfinished().error().code, Code::newer);
}

TEST(OperationIds, sort_by_time_and_differ_at_the_same_time) {
    FixedClock clock;
    clock.now = std::chrono::milliseconds(1'900'000'000'000);
    const auto first = new_operation_id(clock);
    const auto twin = new_operation_id(clock);
    clock.now += std::chrono::milliseconds(1);
    EXPECT_NE(first, twin);
    EXPECT_LT(std::max(first, twin), new_operation_id(clock));
    EXPECT_EQ(first.str().size(), 16U);
    EXPECT_EQ(new_uuid().size(), 36U);
    EXPECT_NE(new_uuid(), new_uuid());
}

std::vector<model::Step> one_of_each() {
    const model::PartitionName press("press");
    const model::VolumeDisk disk{{press, model::VolumeName("data")}, 64_MiB};
    const model::Port port{model::PortName("bh1-0"), press,       1, model::ZoneName("zone"),
                           {{2, 0, 0, 0, 0, 255}},   {0x0A140102}};
    model::Port host{model::PortName("bhe1"), {}, 0, port.zone, port.mac, port.address};
    host.kind = model::PortKind::host;
    host.tenant = model::TenantName("t");
    host.address6 = *model::parse_ipv6("fd00::5");
    host.wire = model::PortName("eno2");
    host.vlan = 30;
    host.prefixes = {*model::parse_prefix("10.0.0.0/8")};
    host.prefixes6 = {*model::parse_prefix6("fd00::/64")};
    host.dhcp = true;
    host.rate = 1;
    host.connections = 2;
    const std::set<model::Rule> rules{
        {port.name, model::PortName("bh2-0"), {model::Transport::udp, 53}, 4'000'000'000U, 8000, host.name},
        {port.name,
         model::PortName("bh2-0"),
         {model::Transport::tcp, 502},
         1,
         0,
         {},
         model::PortName("bhg1")},
        {port.name, model::PortName("bh2-0"), {model::Transport::icmp, 0}, 1}};
    model::Assignment assignment = nine;
    assignment.token = ~0ULL >> 1U;
    const model::MachineDevice function{assignment.device, model::DeviceKind::pci, "0000:00:02.0"};
    const model::Image image{model::ImageName("base"), "d", "/k", "/i", "kd", "id", "console=ttyS0 \"q\""};
    const model::Bundle bundle{
        {model::BundleName("watch"), "bd"}, "1.2.0", 64_MiB, {"period", "unit"}, "/disk.img", "dd"};
    const model::Machine machine{press,  "uid",      model::TenantName("t"),
                                 2,      {0, 3},     192_MiB,
                                 300,    image,      bundle,
                                 {disk}, {function}, {port},
                                 true,   true,       "print"};
    const model::TenantGuard guard{
        model::TenantName("t"),
        model::PortName("bhk1"),
        {{2, 0, 0, 0, 0, 9}},
        {{model::ConduitName("c"),
          {{*model::parse_ipv4("10.20.1.2"), *model::parse_ipv4("10.20.2.2"), 502}},
          {{*model::parse_ipv6("fd20:1::2"), *model::parse_ipv6("fd20:2::2"), 502}},
          *model::parse_modbus_guard("unit 1-3 read write coils 5; unit 1 functions 8; rate 50/s")}}};
    std::vector<model::Step> steps;
    for (model::Action action : std::vector<model::Action>{
             model::CreateVolume{disk}, model::DeleteVolume{disk.id}, model::CreatePort{host},
             model::DeletePort{port.name, press}, model::OpenConduit{model::ConduitName("c"), rules, rules},
             model::CloseConduit{model::ConduitName("c"), rules}, model::AssignDevice{assignment},
             model::ReleaseDevice{assignment.device, press, 7}, model::DefineMachine{machine},
             model::UndefineMachine{press}, model::StartMachine{press}, model::StopMachine{press},
             model::CreateRouter{vnet::router::test::sample()}, model::DeleteRouter{model::TenantName("t")},
             model::CreateGuard{guard}, model::DeleteGuard{model::TenantName("t")}})
        steps.push_back({std::move(action), model::Disruption::detach, "a -> \"b\"", press, {0, 2}});
    return steps;
}

TEST(StepCodec, reads_back_what_it_wrote_for_every_action) {
    const auto steps = one_of_each();
    ASSERT_EQ(steps.size(), std::variant_size_v<model::Action>);
    for (const auto& step : steps) {
        const auto text = encode_step(step);
        const auto read = decode_step(text);
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(*read, step) << text;
    }
}

// A released format: this text must be readable for ever. Add a line for each new version.
TEST(StepCodec, reads_every_version_that_was_ever_written) {
    const auto step = decode_step(
        R"({"action":"assign device","after":[0,3],"disruption":"live","partition":"press","reason":"new",)"
        R"("version":1,"with":{"assignment":{"at":"/dev/b","device":"can-1","line":"115200 8N1",)"
        R"("partition":"press","token":9}}})");
    ASSERT_TRUE(step) << step.error().text();
    EXPECT_EQ(std::get<model::AssignDevice>(step->action).assignment.token, 9U);
    EXPECT_EQ(step->after, (std::set<std::size_t>{0, 3}));

    const auto port = decode_step(
        R"({"action":"create port","after":[],"disruption":"none","partition":"press","reason":"new","version":1,)"
        R"("with":{"port":{"address":"10.20.1.2","index":1,"mac":"02:00:00:00:00:ff","name":"bh1-0",)"
        R"("partition":"press","zone":"zone"}}})");
    ASSERT_TRUE(port) << port.error().text();
    EXPECT_EQ(std::get<model::CreatePort>(port->action).port, (model::Port{model::PortName("bh1-0"),
                                                                           model::PartitionName("press"),
                                                                           1,
                                                                           model::ZoneName("zone"),
                                                                           {{2, 0, 0, 0, 0, 255}},
                                                                           {0x0A140102}}));

    const auto rules = decode_step(
        R"({"action":"open conduit","after":[],"disruption":"live","partition":"","reason":"changed","version":2,)"
        R"("with":{"conduit":"c","instead":[{"conduit":1,"from":"a","service":"icmp","to":"b"}],"rules":)"
        R"([{"conduit":1,"from":"a","mirror":"m","rate":8000,"service":"icmp","to":"b"}]}})");
    ASSERT_TRUE(rules) << rules.error().text();
    const auto& open = std::get<model::OpenConduit>(rules->action);
    EXPECT_EQ(open.rules.begin()->rate, 8000U);
    EXPECT_EQ(open.instead.begin()->rate, 0U);

    const auto router = decode_step(
        R"({"action":"create router","after":[],"disruption":"live","partition":"","reason":"new","version":3,)"
        R"("with":{"router":{"flows":[],"flows6":[],"forwards":[],"leases":[],"legs":[{"address":"10.20.1.1",)"
        R"("mac":"02:00:00:00:00:01","port":"bhr1","subnet":"10.20.1.0/24","zone":"cell"}],"names":["example.com"],)"
        R"("resolvers":["192.0.2.53"],"tenant":"acme","uplinks":[{"card":"enp2s0","failures":3,"ipv4":)"
        R"({"address":"192.0.2.10","gateway":"192.0.2.1","network":"192.0.2.0/24"},"leg":"bhu1",)"
        R"("mac":"02:00:00:00:00:02","name":"wan","period_ms":5000,"priority":100,)"
        R"("targets":[{"address":"192.0.2.1","service":"icmp"}],"vlan":0}]}}})");
    ASSERT_TRUE(router) << router.error().text();
    const auto& made = std::get<model::CreateRouter>(router->action).router;
    EXPECT_EQ(made.tenant.str(), "acme");
    EXPECT_EQ(made.uplinks[0].probe.targets[0].address, model::Ipv4{0xC0000201});

    const std::string machine =
        R"("name":"press","uid":"u","tenant":"t","cpus":1,"pin":[],"memory":1,"io_weight":1,"image":{"name":"i","digest":"d",)"
        R"("kernel":"k","initrd":"r","kernel_digest":"","initrd_digest":"","command_line":""},"volumes":[],"ports":[],)"
        R"("fingerprint":"f",)";
    const std::string define =
        R"({"action":"define partition","after":[],"disruption":"none","partition":"press","reason":"new","version":)";
    const auto devices_of = [](const Result<model::Step>& read) {
        EXPECT_TRUE(read) << read.error().text();
        return std::get<model::DefineMachine>(read->action).machine.devices;
    };
    EXPECT_EQ(devices_of(decode_step(define + R"(3,"with":{"machine":{)" + machine +
                                     R"("serial_devices":["can-1"]}}})")),
              (std::vector<model::MachineDevice>{{model::DeviceName("can-1")}}));
    EXPECT_EQ(devices_of(decode_step(define + R"(4,"with":{"machine":{)" + machine +
                                     R"("devices":[{"at":"0000:00:02.0","kind":"pci","name":"can-1"}]}}})")),
              (std::vector<model::MachineDevice>{
                  {model::DeviceName("can-1"), model::DeviceKind::pci, "0000:00:02.0"}}));

    const auto guarded = decode_step(
        R"({"action":"create guard","after":[],"disruption":"none","partition":"","reason":"new","version":6,)"
        R"("with":{"guard":{"conduits":[{"conduit":"poll","guard":"unit 1 read coils 0","ways":[{"client":"10.20.1.2",)"
        R"("port":502,"server":"10.20.2.2"}],"ways6":[]}],"leg":"bhk1","mac":"02:00:00:00:00:09","tenant":"acme"}}})");
    ASSERT_TRUE(guarded) << guarded.error().text();
    const auto& guard = std::get<model::CreateGuard>(guarded->action).guard;
    EXPECT_EQ(guard.conduits.front().ways.begin()->port, 502);
    const auto led = decode_step(
        R"({"action":"open conduit","after":[],"disruption":"none","partition":"","reason":"new","version":6,)"
        R"("with":{"conduit":"poll","rules":[{"conduit":1,"from":"a","service":"tcp/502","to":"b","via":"bhg1"}]}})");
    ASSERT_TRUE(led) << led.error().text();
    EXPECT_EQ(std::get<model::OpenConduit>(led->action).rules.begin()->via.str(), "bhg1");
}

TEST(StepCodec, leads_an_old_step_through_each_migration_in_turn) {
    const StepMigration rename = [](std::string_view text) -> Result<std::string> {
        return std::string(text) + " ";
    };
    const StepMigration keep = [](std::string_view text) -> Result<std::string> {
        EXPECT_THAT(std::string(text), HasSubstr("\"version\":2"));
        return std::string(text);
    };
    const std::vector<StepMigration> migrations{rename, keep};
    EXPECT_EQ(migrate_step(R"({"version":1})", migrations).value(), R"({"version":3})");
    EXPECT_EQ(migrate_step(R"({"version":3})", migrations).value(), R"({"version":3})");
    EXPECT_EQ(migrate_step(R"({"version":4})", migrations).error().code, Code::newer);
}

TEST(StepCodec, refuses_what_is_no_step) {
    for (const char* text : {"", "{", "[]", "null", R"({"version":"1"})", R"({"version":0})",
                             R"({"version":1})", R"({"version":1,"action":"sink ship","with":{}})",
                             R"({"version":1,"action":"start partition","with":{"partition":5}})"})
        EXPECT_EQ(decode_step(text).error().code, Code::corrupt) << text;
    auto text = encode_step(one_of_each()[2]);
    text.replace(text.find("10.20.1.2"), 9, "10.20.1.x");
    EXPECT_EQ(decode_step(text).error().code, Code::corrupt);
}

}  // namespace
}  // namespace bulkhead::apply
