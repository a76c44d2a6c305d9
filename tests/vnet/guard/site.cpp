#include "tests/vnet/guard/site.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.hpp"
#include "spec/validate.hpp"
#include "tests/vnet/detached.hpp"

namespace bulkhead::vnet::guard::test {
namespace {

using router::test::Pen;

Result<> start_guard(const std::vector<std::string>& argv) {
    return vnet::test::start_detached("BULKHEAD_GUARD", argv);
}

}  // namespace

void GuardedSite::SetUp() {
    Lab::SetUp();
    std::string made = "/tmp/guard-site-XXXXXX";
    folder = ::mkdtemp(made.data());
    guards = layout;
    guards.run = folder;
    guard_driver = std::make_unique<GuardDriver>(guards, start_guard);
    const auto text = read_file(EXAMPLES "/networks/guarded-modbus.yaml", 1 << 20);
    const auto read = spec::read_spec(*text, "guarded-modbus.yaml");
    ASSERT_TRUE(read) << read.error().front().text();
    spec = *read;

    plc_pen.emplace();
    vnet::test::run("ip link add enp4s0 type veth peer name eth0 netns " + std::to_string(plc_pen->pid()));
    ASSERT_EQ(
        plc_pen->run("ip link set eth0 address 02:00:00:00:03:28 up && ip addr add 10.20.3.40/24 dev eth0 && "
                     "ip addr add fd20:3::40/64 dev eth0 nodad && ip route add default dev eth0 && "
                     "ip -6 route add default dev eth0"),
        0);
    converge();
    recipes_pen = pen_of("recipes", "10.20.1");
    ASSERT_EQ(
        recipes_pen->run("ip addr add fd20:1::10/64 dev eth0 nodad && ip -6 route add default dev eth0"), 0);
    press_pen = pen_of("press", "10.20.2");
    plc.emplace(plc_pen->pid(), controller);
}

void GuardedSite::TearDown() {
    plc.reset();
    recipes_pen.reset();
    press_pen.reset();
    model::Spec none;
    none.gateway = spec.gateway;
    planned().converge(none);
    vnet::test::run("ip link del enp4s0");
    plc_pen.reset();
    std::filesystem::remove_all(folder);
    Lab::TearDown();
}

vnet::test::Planned GuardedSite::planned() const {
    return vnet::test::Planned({driver.get(), guard_driver.get()});
}

model::GuardCounts GuardedSite::counts(const model::TenantName& tenant, const std::string& conduit) const {
    const auto states = guard_driver->states();
    const auto& state = states.at(tenant);
    EXPECT_TRUE(state) << state.error().text();
    if (!state) return {};
    EXPECT_EQ(state->error, "");
    return state->conduits.at(model::ConduitName(conduit));
}

pid_t GuardedSite::pid_of(const model::TenantName& tenant) const {
    const auto states = guard_driver->states();
    const auto& state = states.at(tenant);
    EXPECT_TRUE(state) << state.error().text();
    return state ? state->pid : 0;
}

void GuardedSite::kill_guard(const model::TenantName& tenant) {
    ASSERT_EQ(::kill(pid_of(tenant), SIGKILL), 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::filesystem::exists("/sys/class/net/" + model::guard_port_name(tenant).str())) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the port outlives its guard";
        std::this_thread::yield();
    }
}

model::Port GuardedSite::port_of(const std::string& partition) const {
    const auto* found = spec.find(model::PartitionName(partition));
    model::Port made;
    made.name = model::port_name(found->name, 0);
    made.mac = model::port_mac(spec.gateway, found->name, 0);
    made.address = found->interfaces[0].address;
    made.address6 = found->interfaces[0].address6;
    return made;
}

std::unique_ptr<Pen> GuardedSite::pen_of(const std::string& partition, const std::string& network) const {
    auto pen = std::make_unique<Pen>(port_of(partition));
    EXPECT_EQ(pen->run("ip addr add " + network + ".10/24 dev eth0 && ip route add default dev eth0"), 0);
    return pen;
}

std::unique_ptr<vnet::test::Station> GuardedSite::station_in(pid_t pid, const std::string& interface) {
    std::unique_ptr<vnet::test::Station> station;
    in_network_of(pid, [&] { station = std::make_unique<vnet::test::Station>(interface); });
    return station;
}

unsigned GuardedSite::port_of_guard() const {
    const auto flows = driver->flows(1000);
    EXPECT_TRUE(flows) << flows.error().text();
    const auto found = std::ranges::find_if(
        *flows, [](const Flow& flow) { return flow.target_port == 502 && is_guards(flow.source_port); });
    return found == flows->end() ? 0U : found->source_port;
}

}  // namespace bulkhead::vnet::guard::test
