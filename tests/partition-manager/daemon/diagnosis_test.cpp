#include "partition-manager/daemon/diagnosis.hpp"

#include <gtest/gtest.h>

namespace bulkhead::daemon {
namespace {

v1alpha1::Capability of(vnet::Feature feature) {
    const Diagnosis diagnosis(
        {.hypervisor = [] { return std::vector<hypervisor::Capability>{}; },
         .vnet = [&] { return std::vector{feature}; },
         .images = [] { return std::map<std::string, std::string>{}; },
         .tpm = [] { return std::string("a TPM"); },
         .inventory = [] { return std::make_shared<const passthrough::inventory::Inventory>(); }});
    const auto found = diagnosis.run();
    for (const auto& item : found.items())
        if (item.name() == feature.name) return item;
    ADD_FAILURE() << feature.name << " is not named";
    return {};
}

TEST(Diagnosis, calls_missing_only_what_partitions_need) {
    const vnet::Feature there{.name = "offloads", .present = true, .detail = "told", .mend = {}};
    EXPECT_EQ(of(there).verdict(), v1alpha1::Capability::yes);
    vnet::Feature gone{.name = "CONFIG_TUN", .present = false, .detail = "no taps", .mend = "modprobe tun"};
    EXPECT_EQ(of(gone).verdict(), v1alpha1::Capability::missing);
    EXPECT_EQ(of(gone).mend(), "modprobe tun");
    gone.needed = false;
    EXPECT_EQ(of(gone).verdict(), v1alpha1::Capability::no);
    EXPECT_EQ(of(gone).detail(), "no taps");
}

}  // namespace
}  // namespace bulkhead::daemon
