#include "tests/partition-manager/apply/crash_specs.hpp"

#include "tests/fake/specs.hpp"

namespace bulkhead::apply {

model::Spec crash_spec(const std::string& document) {
    auto spec = fake::factory();
    if (document == "factory") return spec;
    if (document == "nothing") {
        spec.partitions.clear();
        spec.conduits.clear();
        return spec;
    }
    auto& robot = spec.partitions[0];
    auto& press = spec.partitions[1];
    auto added = robot;
    added.name = model::PartitionName("welder");
    press.devices.push_back(robot.devices[0]);
    added.devices.clear();
    added.memory = 256_MiB;
    spec.partitions[0] = added;  // has robot-cell's address, too
    spec.conduits[0].from = model::EndName(added.name.str());
    spec.conduits[0].guard = *model::parse_modbus_guard("unit 1 read coils 0-9");
    spec.conduits[1].allow.push_back({model::Transport::icmp, 0});
    return spec;
}

}  // namespace bulkhead::apply
