#include "policies/gateway_policy.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace bulkhead::policies {
namespace {

Policy shipped() {
    const auto text = read_file(POLICIES "/gateway.yaml", 1 << 20);
    EXPECT_TRUE(text);
    auto policy = read_policy(text.value_or(""), "gateway.yaml");
    EXPECT_TRUE(policy) << policy.error().front().text();
    return policy.value_or(Policy{});
}

model::Spec spec_with(const std::string& at) {
    model::Spec spec;
    spec.devices.push_back({model::DeviceName("rs485-1"), model::DeviceKind::serial, at});
    model::Partition partition;
    partition.name = model::PartitionName("robot-cell");
    partition.image = model::ImageName("partition-base");
    partition.memory = 192_MiB;
    partition.volumes.push_back({model::VolumeName("data"), 64_MiB, "/data"});
    partition.application = model::Application{"modbus-collector", {}};
    spec.partitions.push_back(partition);
    return spec;
}

std::string refusals(const model::Spec& spec, const Policy& policy) {
    std::string lines;
    for (const auto& error : judge(spec, policy)) {
        EXPECT_EQ(error.code, Code::refused);
        lines += (lines.empty() ? "" : "\n") + error.text();
    }
    return lines;
}

TEST(GatewayPolicy, allows_places_that_its_rules_name) {
    for (const char* at : {"/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0",
                           "/run/bulkhead/devices/rs485-1", "/dev/ttyS1"})
        EXPECT_EQ(refusals(spec_with(at), shipped()), "") << at;
    auto spec = spec_with("1-2.3");
    spec.devices.front().kind = model::DeviceKind::usb;
    EXPECT_EQ(refusals(spec, shipped()), "");
    spec.devices.front().kind = model::DeviceKind::can;
    spec.devices.front().at = "vcan0";
    EXPECT_EQ(refusals(spec, shipped()), "");
}

TEST(GatewayPolicy, refuses_what_no_rule_allows_and_says_so) {
    for (const std::string at :
         {"/dev/ttyUSB0", "/dev/mem", "/dev/sda", "/dev/serial/by-id/x", "/run/bulkhead/control.sock"})
        EXPECT_EQ(refusals(spec_with(at), shipped()),
                  "device rs485-1: place '" + at +
                      "' is refused: no rule of the policy allows it; wanted /dev/serial/by-path/*, "
                      "/run/bulkhead/devices/*, /dev/ttyS*, 0000:*, usb:*, can:*");
}

model::Spec conduit_between(model::Level from, model::Level to) {
    model::Spec spec;
    for (const auto& [name, level] : {std::pair{"a", from}, std::pair{"b", to}}) {
        model::Zone zone{model::ZoneName(name)};
        zone.level = level;
        zone.wire = model::Wire{name, 0, {{model::EndName(std::string("host-") + name)}}};
        spec.zones.push_back(zone);
    }
    spec.conduits.push_back({model::ConduitName("c"), model::EndName("host-a"), model::EndName("host-b")});
    return spec;
}

TEST(GatewayPolicy, refuses_a_conduit_that_skips_the_dmz_in_either_direction) {
    using enum model::Level;
    EXPECT_EQ(refusals(conduit_between(enterprise, control), shipped()),
              "conduit c: a conduit from zone 'a' (enterprise) to zone 'b' (control) is refused: rule "
              "level/dmz-before-control (every session between plant and enterprise ends in a DMZ (IEC "
              "62443-3-2, Purdue level 3.5)); wanted two conduits that meet in a partition of a zone with "
              "level dmz");
    EXPECT_NE(
        refusals(conduit_between(operations, enterprise), shipped()).find("level/dmz-before-operations"),
        std::string::npos);
    for (const auto& [from, to] :
         {std::pair{enterprise, dmz}, std::pair{dmz, control}, std::pair{none, control},
          std::pair{enterprise, none}, std::pair{control, operations}})
        EXPECT_EQ(refusals(conduit_between(from, to), shipped()), "");
}

TEST(GatewayPolicy, judges_an_outside_by_its_level_too) {
    auto spec = conduit_between(model::Level::control, model::Level::none);
    spec.outsides = {{model::EndName("office"), {}, {}, model::Level::enterprise}};
    spec.conduits[0].to = model::EndName("office");
    EXPECT_NE(refusals(spec, shipped())
                  .find("a conduit from zone 'a' (control) to outside 'office' (enterprise) is refused"),
              std::string::npos);
    spec.outsides[0].level = model::Level::dmz;
    EXPECT_EQ(refusals(spec, shipped()), "");
}

TEST(GatewayPolicy, lets_a_refusal_beat_any_allowance_and_quotes_it) {
    EXPECT_EQ(
        refusals(spec_with("/dev/ttyS0"), shipped()),
        "device rs485-1: place '/dev/ttyS0' is refused: rule device/host-console (the first serial port is "
        "the host's own console); wanted /dev/serial/by-path/*, /run/bulkhead/devices/*, /dev/ttyS*, 0000:*, "
        "usb:*, can:*");
}

TEST(GatewayPolicy, refuses_quantities_beyond_a_limit_and_quotes_it) {
    auto spec = spec_with("/dev/ttyS1");
    spec.partitions[0].memory = Bytes{128ULL << 30};
    spec.partitions[0].volumes[0].size = Bytes{2ULL << 40};
    EXPECT_EQ(
        refusals(spec, shipped()),
        "partition robot-cell: partition.memory 128GiB is refused: rule limit/memory (below this no image of "
        "ours boots, above it a slip of the unit is likelier than a need); wanted 64MiB to 64GiB\n"
        "volume robot-cell/data: volume.size 2TiB is refused: rule limit/volume (volumes are kept when their "
        "partition goes, so a slip of the unit would fill the disk); wanted 8MiB to 1TiB");
}

TEST(GatewayPolicy, refuses_foreign_images) {
    auto spec = spec_with("/dev/ttyS1");
    spec.partitions[0].image = model::ImageName("windows-xp");
    EXPECT_EQ(refusals(spec, shipped()),
              "partition robot-cell: image 'windows-xp' is refused: no rule of the policy allows it; wanted "
              "partition-base*");
}

TEST(GatewayPolicy, refuses_everything_when_it_is_empty) {
    EXPECT_EQ(judge(spec_with("/dev/ttyS1"), Policy{}).size(),
              6U);  // place, image, application, three quantities
}

TEST(PolicyFile, refuses_rules_that_are_not_whole) {
    const auto error_of = [](std::string_view text) {
        const auto policy = read_policy(text, "p.yaml");
        return policy ? std::string("accepted") : policy.error().front().text();
    };
    EXPECT_EQ(error_of("devices: [{id: a, allow: /dev/x}]"),
              "p.yaml:1:11: because is missing; wanted one line of text, at most 256 bytes");
    EXPECT_EQ(error_of("devices: [{id: a, because: b}]"),
              "p.yaml:1:11: refuse is missing; wanted one line of text, at most 256 bytes");
    EXPECT_EQ(error_of("devices: [{id: a, allow: x, refuse: y, because: b}]"),
              "p.yaml:1:11: a rule can't both allow and refuse; make it two rules");
    EXPECT_EQ(error_of("devices: [{id: a, allow: /dev/*/x, because: b}]"),
              "p.yaml:1:11: '/dev/*/x' is not a pattern; wanted a '*' at its end only");
    EXPECT_EQ(error_of("device: []"),
              "p.yaml:1:1: unknown key 'device'; wanted one of devices, images, applications, limits, "
              "levels; write "
              "devices");
    EXPECT_EQ(error_of("devices: {a: b}"), "p.yaml:1:10: devices can't be a map; wanted a list of rules");
    EXPECT_EQ(error_of("devices: [a]"),
              "p.yaml:1:11: a rule can't be 'a'; wanted a map with the keys id, allow, refuse, because");
    EXPECT_EQ(error_of("limits: [{id: a, because: b, of: partition.cups, least: 1, most: 2}]"),
              "p.yaml:1:10: unknown quantity 'partition.cups'; wanted one of partition.cpus, "
              "partition.memory, volume.size, bundle.size, bundles.size");
    EXPECT_EQ(error_of("limits: [{id: a, because: b, of: volume.size, least: 1, most: 2MiB}]"),
              "p.yaml:1:54: '1' has no unit; wanted a whole number with a unit KiB, MiB, GiB or TiB, such as "
              "512MiB");
}

}  // namespace
}  // namespace bulkhead::policies
