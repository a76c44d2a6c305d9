#include "benchmarks/fleet/report.hpp"

namespace bulkhead::benchmarks {
namespace {

constexpr const char* since = "2031-05-04T12:00:00.000Z";

void add_partition(v1alpha1::GatewayReport& report, const std::string& gateway, const std::string& name) {
    auto& partition = *report.mutable_partitions()->add_items();
    partition.set_gateway(gateway);
    partition.set_name(name);
    partition.set_uid("2c1c54cc-44b4-4f3a-9d5f-51a7b7f4c0de");
    partition.set_tenant(name + "-vendor");
    partition.set_state("running");
    partition.set_health("ok");
    partition.set_since(since);
    partition.set_image("bulkhead-guest");
    partition.set_image_digest("sha256:" + std::string(64, 'a'));
    partition.add_zones("cell");
    partition.set_cpus(1);
    partition.set_memory("128MiB");
    partition.set_attestation("unknown");
    partition.mutable_application()->set_name(name);
    partition.mutable_application()->set_state("running");
    partition.mutable_application()->set_last_output("42 parts, 21.5 C");
    partition.mutable_agent()->set_version(BULKHEAD_VERSION);
    partition.mutable_agent()->set_kernel("6.1.0");
    partition.mutable_agent()->set_boot_id("7e1f8d0e-36f6-4d2b-8f6b-4a8f0f6f9b11");
    partition.mutable_agent()->set_memory_total_kib(131072);
    auto& interface = *partition.add_interfaces();
    interface.set_name("bh-" + name);
    interface.set_zone("cell");
    interface.set_address("10.20.1.10/24");
    interface.set_mac("52:54:00:12:34:56");
    auto& volume = *partition.add_volumes();
    volume.set_name("data");
    volume.set_size("64MiB");
    volume.set_mount("/data");
}

}  // namespace

v1alpha1::GatewayReport plant_report(const std::string& gateway) {
    v1alpha1::GatewayReport report;
    auto& status = *report.mutable_status();
    status.set_gateway(gateway);
    status.set_site("plant");
    status.set_accelerator("kvm");
    status.set_phase("applied");
    status.set_generation(1);
    status.set_partitions(3);
    status.set_partitions_ok(3);
    status.set_version(BULKHEAD_VERSION);
    for (const auto* name : {"robot", "vision", "press"}) add_partition(report, gateway, name);
    return report;
}

}  // namespace bulkhead::benchmarks
