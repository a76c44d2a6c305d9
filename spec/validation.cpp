#include "spec/validation.hpp"

#include "spec/fields.hpp"

namespace bulkhead::spec {

// Names before references to them: conduits name partitions, partitions name zones, devices and tenants.
model::Spec validate(const v1alpha1::Gateway& gateway, Findings& findings) {
    Validation run{gateway, findings, {}};
    if (gateway.kind() != "Gateway")
        findings.add("kind",
                     gateway.kind().empty() ? "kind is missing" : "unknown kind " + in_quotes(gateway.kind()),
                     "Gateway");
    validate_metadata(run);
    validate_tenants(run);
    validate_devices(run);
    validate_zones(run);
    validate_partitions(run);
    validate_device_uses(run);
    validate_interfaces(run);
    validate_outsides(run);
    validate_uplinks(run);
    validate_routers(run);
    validate_conduits(run);
    validate_quotas(run);
    validate_hashed_names(run);
    return std::move(run.out);
}

}  // namespace bulkhead::spec
