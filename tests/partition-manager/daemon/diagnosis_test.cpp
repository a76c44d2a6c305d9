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

TEST(Diagnosis, says_what_mediated_can_lacks) {
    passthrough::inventory::Inventory inventory;
    const auto can = [&] {
        const Diagnosis diagnosis(
            {.hypervisor = [] { return std::vector<hypervisor::Capability>{}; },
             .vnet = [] { return std::vector<vnet::Feature>{}; },
             .images = [] { return std::map<std::string, std::string>{}; },
             .tpm = [] { return std::string("a TPM"); },
             .inventory =
                 [&] { return std::make_shared<const passthrough::inventory::Inventory>(inventory); }});
        const auto found = diagnosis.run();
        for (const auto& item : found.items())
            if (item.name() == "CAN") return item;
        return v1alpha1::Capability{};
    };
    inventory.can_raw = true;
    EXPECT_EQ(can().verdict(), v1alpha1::Capability::no);
    EXPECT_EQ(can().detail(), "the kernel has no CONFIG_CAN_VCAN: no CAN bus can be mediated");
    EXPECT_EQ(can().mend(), "modprobe vcan");
    inventory.vcan = true;
    EXPECT_EQ(can().verdict(), v1alpha1::Capability::yes);
    inventory.can_denied = true;
    EXPECT_EQ(can().verdict(), v1alpha1::Capability::no);
    EXPECT_EQ(can().mend(), "write 'network can raw,' into /etc/apparmor.d/local/abstractions/libvirt-qemu");
}

}  // namespace
}  // namespace bulkhead::daemon
