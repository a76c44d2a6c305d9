// Someone else at the switch: it is noticed, told, closed at once where it opened something, and mended by
// the same actions as everything.
#include <poll.h>

#include "base/file.hpp"
#include "tests/vnet/drift.hpp"
#include "vnet/records.hpp"
#include "vnet/watch.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::test {
namespace {

class Tables : public Drift {
  protected:
    Slot slot_of(const model::Port& port) {
        const auto records = other->maps().records.ports.entries();
        for (const auto& [slot, record] : *records)
            if (port.name.str() == std::string_view(record.name)) return slot;
        return 0;
    }
    switch_flow flow(const model::Port& from, const model::Port& to, unsigned port) {
        return {slot_of(from), slot_of(to), ::htons(static_cast<std::uint16_t>(port)), 6, 0};
    }
};

TEST_F(Tables, nothing_is_told_when_nothing_happened) {
    EXPECT_FALSE(*driver->has_drifted());
    execute(model::CloseConduit{model::ConduitName("logs"), {logs}});
    execute(model::OpenConduit{model::ConduitName("logs"), {logs}});
    execute(model::DeletePort{press.name, press.partition});
    EXPECT_FALSE(*driver->has_drifted()) << driver->take_findings().front();
}

TEST_F(Tables, a_flow_that_someone_opened_is_closed_by_looking) {
    auto policy = other->maps().policy.policy;
    ASSERT_TRUE(policy.put(flow(robot, press, 22), {0, 1, 0}));
    expect_told("open flow");
    expect_drops(*robot_guest, robot, opening(robot, press, 40000, 22), "no_conduit");
    expect_works();
}

TEST_F(Tables, a_flow_that_someone_closed_is_told_and_opened_again) {
    auto policy = other->maps().policy.policy;
    ASSERT_TRUE(policy.erase(flow(robot, admin, 8883)));
    expect_told("was not in force");
    EXPECT_FALSE(observe().rules.contains(readings));
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    EXPECT_TRUE(observe().rules.contains(readings));
    expect_works();
}

// Led past its guard, a flow is closed by looking, and not left straight.
TEST_F(Tables, a_guard_that_someone_led_past_is_told_and_its_flow_closed) {
    model::Rule guarded = rule(robot, press, model::Transport::tcp, 502, "set-points");
    guarded.via = make_guard().name;
    const model::OpenConduit open_it{model::ConduitName("set-points"), {guarded}};
    execute(open_it);
    auto rules = other->maps().policy.rules;
    const auto number = other->maps().policy.policy.find(flow(robot, press, 502))->value().after;
    auto entry = rules.find(number)->value();
    ASSERT_NE(entry.via, 0U);
    entry.via = 0;
    ASSERT_TRUE(rules.put(number, entry));
    expect_told("was not in force");
    EXPECT_FALSE(observe().rules.contains(guarded));
    expect_drops(*robot_guest, robot, opening(robot, press, 40000, 502), "no_conduit");
    execute(open_it);
    EXPECT_TRUE(observe().rules.contains(guarded));
    execute(model::CloseConduit{model::ConduitName("set-points"), {guarded}});
    EXPECT_FALSE(*driver->has_drifted());  // and what it left behind is done away with
    expect_works();
}

TEST_F(Tables, an_address_that_someone_gave_away_breaks_its_port_and_comes_back) {
    auto addresses = other->maps().policy.addresses;
    auto entry = addresses.find(to_wire(robot.address))->value();
    entry.slot = slot_of(press);
    ASSERT_TRUE(addresses.put(to_wire(robot.address), entry));
    expect_told("addresses");
    expect_port_mended();
}

TEST_F(Tables, an_address_of_nobody_is_taken_away) {
    auto addresses = other->maps().policy.addresses;
    const auto nobody = to_wire(*model::parse_ipv4("10.99.99.99"));
    ASSERT_TRUE(addresses.put(nobody, addresses.find(to_wire(robot.address))->value()));
    expect_told("nobody made");
    EXPECT_FALSE(addresses.find(nobody)->has_value());
}

TEST_F(Tables, an_epoch_that_someone_turned_back_is_turned_on) {
    auto epoch = other->maps().policy.epoch;
    const auto before = epoch.find(0)->value();
    ASSERT_TRUE(epoch.put(0, 0));
    expect_told("epoch");
    EXPECT_EQ(epoch.find(0)->value(), before);
    expect_works();
}

TEST_F(Drift, a_setting_that_someone_turned_is_told) {
    run("echo 1 > /proc/sys/net/ipv4/conf/" + robot.name.str() + "/forwarding");
    expect_told("open to the host");
    expect_port_mended();
}

// A guard that ends takes its pair along: that is to be mended at once, and nobody was at the switch.
TEST_F(Drift, a_port_that_went_with_its_process_is_drift_and_no_tampering) {
    bool is_there = false;
    std::string asked = "nobody was";
    driver->other_ends_by([&](const model::Port& port) {
        asked = port.tenant.str();
        return is_there;
    });
    const auto guard = make_guard();
    EXPECT_FALSE(*driver->has_drifted());
    run("ip link del " + guard.name.str());
    EXPECT_TRUE(*driver->has_drifted());
    EXPECT_EQ(asked, guard.tenant.str());
    EXPECT_TRUE(driver->take_findings().empty());
    EXPECT_FALSE(observe().ports.at(guard.name).guarded);

    is_there = true;
    execute(model::CreatePort{guard});
    EXPECT_FALSE(*driver->has_drifted());
    run("ip link del " + guard.name.str());
    expect_told("port " + guard.name.str() + ": its interface is gone");
    // Nobody is asked of a partition's: no process of ours holds it.
    asked = "nobody was";
    is_there = false;
    robot_guest.reset();
    run("ip link del " + tap);
    expect_told("its interface is gone");
    EXPECT_EQ(asked, "nobody was");
}

TEST_F(Drift, the_kernel_tells_of_filters_and_interfaces) {
    // A kernel without tcx links has it already: it is where the switch's own programs are.
    run("tc qdisc show dev " + tap + " | grep -q clsact || tc qdisc add dev " + tap + " clsact");
    auto watch = Watch::open();
    ASSERT_TRUE(watch) << watch.error().text();
    EXPECT_FALSE(watch->drain());
    for (const std::string& command :
         {"tc qdisc add dev " + tap + " root pfifo",
          "tc filter add dev " + tap + " egress pref 7 bpf da object-pinned " + (pins() / "egress").string(),
          "ip link set " + tap + " down"}) {
        run(command);
        pollfd poll{watch->fd(), POLLIN, 0};
        ASSERT_EQ(::poll(&poll, 1, 2000), 1) << command;
        EXPECT_TRUE(watch->drain());
    }
}

}  // namespace
}  // namespace bulkhead::vnet::test
