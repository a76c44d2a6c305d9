#include "tests/fake/specs.hpp"

#include <algorithm>
#include <vector>

namespace bulkhead::fake {
namespace {

model::Ipv4 address(unsigned zone, unsigned host) {
    return {10U << 24U | zone << 16U | host};
}

model::Zone zone(unsigned number) {
    return {model::ZoneName("zone-" + std::to_string(number)),
            model::TenantName("tenant"),
            {address(number, 0), 24}};
}

model::Partition partition(const std::string& name) {
    model::Partition made;
    made.name = model::PartitionName(name);
    made.tenant = model::TenantName("tenant");
    made.image = model::ImageName("partition-base");
    made.memory = 192_MiB;
    return made;
}

model::EndName end_of(const model::Partition& partition) {
    return model::EndName(partition.name.str());
}

class Dice {
  public:
    explicit Dice(std::mt19937& random) : random_(random) {}
    unsigned upto(unsigned highest) { return std::uniform_int_distribution<unsigned>(0, highest)(random_); }
    bool maybe() { return upto(1) == 1; }

  private:
    std::mt19937& random_;
};

void add_partition(model::Spec& spec, Dice& dice, const std::string& name,
                   std::vector<model::Interface>& free_places) {
    auto made = partition(name);
    made.cpus = 1 + dice.upto(1);
    if (dice.upto(4) == 0) made.image = model::ImageName("other");
    if (dice.maybe()) made.volumes.push_back({model::VolumeName("data"), 64_MiB, "/data"});
    if (dice.maybe()) made.volumes.push_back({model::VolumeName("logs"), 32_MiB, "/logs"});
    if (dice.maybe()) made.application = {"app", {{"period", std::to_string(dice.upto(2))}}};
    for (unsigned wanted = dice.upto(2); wanted > 0 && !free_places.empty(); --wanted) {
        const auto chosen = free_places.begin() + dice.upto(static_cast<unsigned>(free_places.size()) - 1);
        made.interfaces.push_back(*chosen);
        free_places.erase(chosen);
    }
    spec.partitions.push_back(std::move(made));
}

}  // namespace

model::Spec factory() {
    model::Spec spec;
    spec.gateway = model::GatewayName("press-line-3");
    spec.tenants.push_back({model::TenantName("tenant"), {8, Bytes{8ULL << 30U}, Bytes{8ULL << 30U}, 8}});
    spec.devices = {{model::DeviceName("rs485-1"), model::DeviceKind::serial, "/dev/a"},
                    {model::DeviceName("can-1"), model::DeviceKind::serial, "/dev/b"}};
    spec.zones = {zone(1), zone(2), zone(9)};
    auto robot = partition("robot-cell");
    robot.volumes = {{model::VolumeName("data"), 64_MiB, "/data"}};
    robot.application = {"modbus-collector", {{"unit", "1"}}};
    robot.devices = {{model::DeviceName("rs485-1"), {9600, 8, 'N', 1}}};
    robot.interfaces = {{model::ZoneName("zone-1"), address(1, 10)}};
    auto press = partition("press");
    press.devices = {{model::DeviceName("can-1"), {115200, 8, 'N', 1}}};
    press.interfaces = {{model::ZoneName("zone-2"), address(2, 10)}};
    auto admin = partition("it-admin");
    admin.interfaces = {{model::ZoneName("zone-9"), address(9, 2)}};
    spec.conduits = {{model::ConduitName("readings"),
                      end_of(robot),
                      end_of(admin),
                      {{model::Transport::tcp, 8883}},
                      "because"},
                     {model::ConduitName("forces"),
                      end_of(press),
                      end_of(admin),
                      {{model::Transport::tcp, 8883}},
                      "because"}};
    spec.partitions = {robot, press, admin};
    return spec;
}

namespace {

// Perhaps one, for some of the zones, with a way out that a conduit leads over.
void add_router(model::Spec& spec, Dice& dice) {
    if (dice.maybe()) return;
    model::Router router;
    router.tenant = spec.zones.front().tenant;
    for (const auto& zone : spec.zones)
        if (dice.upto(2) != 0) router.zones.push_back(zone.name);
    if (router.zones.empty()) return;
    model::Uplink uplink;
    uplink.name = model::UplinkName("wan");
    uplink.interface = dice.maybe() ? "enp2s0" : "enp3s0";
    uplink.address = {{0xC0000202}, {{0xC0000200}, 24}, {0xC0000201}};
    spec.uplinks = {uplink};
    router.uplinks = {uplink.name};
    if (dice.maybe()) {
        router.names = {"example.com"};
        router.resolvers = {{0xC0000235}};
    }
    for (auto& partition : spec.partitions)
        for (auto& interface : partition.interfaces) interface.dhcp = dice.maybe();
    spec.outsides = {{model::EndName("beyond"), {{{0xC6336400}, dice.maybe() ? 24U : 25U}}}};
    spec.conduits.push_back({model::ConduitName("out"),
                             model::EndName(spec.partitions.front().name.str()),
                             model::EndName("beyond"),
                             {{model::Transport::tcp, 443}},
                             "because"});
    spec.routers = {router};
}

}  // namespace

model::Spec random_spec(std::mt19937& random) {
    Dice dice(random);
    model::Spec spec;
    spec.gateway = model::GatewayName("gateway");
    std::vector<model::Interface> free_places;
    for (const unsigned number : {1U, 2U}) {
        spec.zones.push_back(zone(number));
        for (unsigned host = 2; host <= 4; ++host)  // the first is the router's
            free_places.push_back({spec.zones.back().name, address(number, host)});
    }
    for (const std::string name : {"a", "b", "c", "d"})
        if (dice.upto(3) != 0) add_partition(spec, dice, name, free_places);
    if (spec.partitions.empty()) return spec;
    const auto any = [&]() -> model::Partition& {
        return spec.partitions[dice.upto(static_cast<unsigned>(spec.partitions.size()) - 1)];
    };
    for (const std::string name : {"x", "y", "z"}) {
        spec.devices.push_back({model::DeviceName(name), model::DeviceKind::serial,
                                "/dev/" + name + std::to_string(dice.upto(5) == 0 ? 1 : 0)});
        if (dice.upto(2) != 0)
            any().devices.push_back({model::DeviceName(name), {dice.maybe() ? 9600U : 19200U, 8, 'N', 1}});
    }
    for (const std::string name : {"c1", "c2", "c3"}) {
        model::Conduit conduit{model::ConduitName(name),
                               model::EndName(any().name.str()),
                               model::EndName(any().name.str()),
                               {},
                               "because"};
        if (conduit.from == conduit.to) continue;
        conduit.allow.push_back({model::Transport::tcp, static_cast<std::uint16_t>(1 + dice.upto(1))});
        if (dice.maybe())
            conduit.allow.push_back({model::Transport::icmp, 0});
        else if (dice.maybe())
            conduit.guard =
                *model::parse_modbus_guard(dice.maybe() ? "unit 1 read coils 0" : "unit 2 functions 8");
        spec.conduits.push_back(std::move(conduit));
    }
    add_router(spec, dice);
    std::ranges::shuffle(spec.partitions, random);
    return spec;
}

std::map<model::PartitionName, std::string> uids_of(const model::Spec& spec) {
    std::map<model::PartitionName, std::string> uids;
    for (const auto& each : spec.partitions) uids.emplace(each.name, "uid-of-" + each.name.str());
    return uids;
}

}  // namespace bulkhead::fake
