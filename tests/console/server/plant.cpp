#include "tests/console/server/plant.hpp"

#include "spec/desired.hpp"

namespace bulkhead::console {

namespace api = bulkhead::v1alpha1;

std::string plant_yaml(const std::string& gateway) {
    return "apiVersion: bulkhead/v1alpha1\n"
           "kind: Gateway\n"
           "metadata: {name: " +
           gateway +
           ", site: hall-2, labels: {line: \"3\"}}\n"
           "tenants:\n"
           "  - {name: acme, quota: {cpus: 1, memory: 512MiB, disk: 1GiB, partitions: 2}}\n"
           "  - {name: it, quota: {cpus: 1, memory: 512MiB, disk: 1GiB, partitions: 1}}\n"
           "zones:\n"
           "  - {name: cell, tenant: acme, subnet: 10.20.1.0/24}\n"
           "  - {name: management, tenant: it, subnet: 10.20.9.0/24}\n"
           "partitions:\n"
           "  - {name: robot-cell, tenant: acme, image: partition-base, cpus: 1, memory: 192MiB,\n"
           "     interfaces: [{zone: cell, address: 10.20.1.10}]}\n"
           "  - {name: historian, tenant: it, image: partition-base, cpus: 1, memory: 192MiB,\n"
           "     interfaces: [{zone: management, address: 10.20.9.2}]}\n";
}

api::GatewayReport plant_report(const std::string& gateway, const std::string& site) {
    api::GatewayReport report;
    report.mutable_status()->set_gateway(gateway);
    report.mutable_status()->set_site(site);
    (*report.mutable_status()->mutable_labels())["line"] = "3";
    for (const auto& [name, tenant] : {std::pair{"robot-cell", "acme"}, std::pair{"historian", "it"}}) {
        auto& partition = *report.mutable_partitions()->add_items();
        partition.set_name(name);
        partition.set_tenant(tenant);
        partition.set_state("running");
        partition.set_health("ok");
    }
    auto& device = *report.mutable_devices()->add_items();
    device.set_name("arm");
    device.set_tenant("acme");
    device.add_obstacles()->set_why("is part of device card of partition historian");
    for (const auto& [name, tenant] : {std::pair{"cell", "acme"}, std::pair{"management", "it"}}) {
        auto& zone = *report.mutable_zones()->add_items();
        zone.set_name(name);
        zone.set_tenant(tenant);
    }
    auto& conduit = *report.mutable_conduits()->add_items();
    conduit.set_name("readings");
    conduit.set_from("robot-cell");
    conduit.set_to("historian");
    return report;
}

std::string signed_desired(const crypto::SigningKey& key, const std::string& gateway,
                           std::uint64_t generation, const std::string& references, const std::string& more) {
    spec::Desired desired;
    desired.gateway = model::GatewayName(gateway);
    desired.generation = generation;
    desired.document = plant_yaml(gateway) + more;
    desired.document_name = "plant.yaml";
    desired.references = references;
    desired.signed_at = "2031-05-04T12:00:00.000Z";
    return spec::sign_desired(desired, key);
}

}  // namespace bulkhead::console
