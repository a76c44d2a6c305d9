#include "partition-manager/daemon/device_check.hpp"

#include <gtest/gtest.h>

namespace bulkhead::daemon {
namespace {

TEST(DeviceCheck, names_the_device_the_reason_the_place_and_what_mends_it) {
    passthrough::inventory::Inventory found;
    found.devices = {{.id = "pci:0000:00:02.0",
                      .kind = passthrough::inventory::Kind::pci,
                      .at = "0000:00:02.0",
                      .place = "pci0/0000:00:02.0",
                      .node = "0000:00:02.0",
                      .group = "7",
                      .group_members = {"0000:00:03.0"},
                      .resets = {"flr"}}};
    found.iommu = found.vfio = true;
    const auto check =
        device_check([&] { return std::make_shared<const passthrough::inventory::Inventory>(found); }, true);
    model::Spec spec;
    spec.devices = {{model::DeviceName("can-1"), model::DeviceKind::pci, "0000:00:02.0"}};
    const Document document{"devices:\n  - name: can-1\n    kind: pci\n    at: \"0000:00:02.0\"\n",
                            "factory.yaml"};
    EXPECT_TRUE(check(spec, document).empty());  // nobody uses it

    spec.partitions.push_back({.name = model::PartitionName("press")});
    spec.partitions[0].devices = {{.device = model::DeviceName("can-1")}};
    const auto errors = check(spec, document);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].code, Code::refused);
    EXPECT_EQ(errors[0].text(),
              "factory.yaml:4:9: device can-1: 0000:00:02.0 shares IOMMU group 7 with 0000:00:03.0; give "
              "both to one "
              "partition, or put the card into another slot");
    found.devices[0].group_members.clear();
    EXPECT_TRUE(check(spec, document).empty());
}

TEST(DeviceCheckTest, without_a_tpm_nothing_can_depend_on_trust) {
    const auto check = [](bool tpm) {
        return device_check([] { return std::make_shared<const passthrough::inventory::Inventory>(); }, tpm);
    };
    model::Spec spec;
    spec.devices = {{model::DeviceName("plc"), model::DeviceKind::serial, "/dev/ttyS1"}};
    spec.partitions.push_back({.name = model::PartitionName("press")});
    spec.partitions[0].devices = {{.device = model::DeviceName("plc"), .terms = {true, model::OnLoss::keep}}};
    const Document document{"devices:\n  - name: plc\n    kind: serial\n    at: /dev/ttyS1\n",
                            "factory.yaml"};
    EXPECT_TRUE(check(true)(spec, document).empty());
    const auto errors = check(false)(spec, document);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].code, Code::unsupported);
    EXPECT_EQ(
        errors[0].text(),
        "factory.yaml:4:9: device plc: partition press must be trusted to have it, and this gateway has no "
        "TPM; remove requires: trusted, or name a TPM: bulkheadd --tpm");
}

}  // namespace
}  // namespace bulkhead::daemon
