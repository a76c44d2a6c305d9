// The golden files are what libvirt gets, byte by byte. After a wanted change write them anew and read the
// difference: BULKHEAD_GOLDEN=write build/tests/partition-manager/hypervisor/hypervisor-test
#include "partition-manager/hypervisor/domain_xml.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <pugixml.hpp>

#include "base/file.hpp"
#include "tests/partition-manager/hypervisor/machine.hpp"

namespace bulkhead::hypervisor {
namespace {

const model::Accelerator tcg{"tcg", ""};
const model::Accelerator kvm{"kvm", ""};

void expect_golden(const std::string& name, const std::string& xml) {
    const std::filesystem::path path = std::filesystem::path(GOLDEN_FOLDER) / (name + ".xml");
    if (const char* mode = std::getenv("BULKHEAD_GOLDEN"); mode != nullptr && std::string(mode) == "write") {
        ASSERT_TRUE(write_file_atomically(path, xml));
    }
    const auto golden = read_file(path, 1 << 20);
    ASSERT_TRUE(golden) << golden.error().text();
    EXPECT_EQ(xml, *golden) << path;
}

TEST(DomainXml, of_a_machine_with_everything_under_kvm_is_as_agreed) {
    expect_golden("full-kvm", domain_xml(full_machine(), {}, kvm, {}));
}

TEST(DomainXml, of_a_machine_with_everything_under_tcg_is_as_agreed) {
    expect_golden("full-tcg", domain_xml(full_machine(), {}, tcg, {}));
}

TEST(DomainXml, of_a_machine_whose_guest_may_leave_checksums_and_segments_is_as_agreed) {
    auto machine = full_machine();
    machine.offloads = true;
    expect_golden("offloads-kvm", domain_xml(machine, {}, kvm, {}));
}

TEST(DomainXml, of_a_bare_machine_on_a_host_without_cgroups_is_as_agreed) {
    const HostSupport none{.cpu_limit = false, .memory_limit = false, .io_weight = false};
    expect_golden("bare-tcg", domain_xml(small_machine("press"), {}, tcg, none));
}

TEST(DomainXml, of_a_machine_with_a_bundle_is_as_agreed) {
    auto machine = small_machine("press");
    machine.volumes = {{{machine.name, model::VolumeName("data")}, 64_MiB}};
    machine.bundle = model::Bundle{{model::BundleName("watch"), std::string(64, 'a')},
                                   "1.2.0",
                                   64_MiB,
                                   {"period"},
                                   "/var/lib/bulkhead/bundles/watch/" + std::string(64, 'a') + "/disk.img",
                                   std::string(64, 'b')};
    expect_golden("bundle-tcg", domain_xml(machine, {}, tcg, {}));
}

TEST(DomainXml, of_a_machine_with_a_tpm_is_as_agreed) {
    auto machine = small_machine("press");
    machine.tpm = true;
    expect_golden("tpm-tcg", domain_xml(machine, {}, tcg, {}));
}

TEST(DomainXml, of_a_machine_with_pci_functions_is_as_agreed) {
    auto machine = small_machine("press");
    machine.devices = {{model::DeviceName("can-1"), model::DeviceKind::pci, "0000:00:02.0"},
                       {model::DeviceName("rs485-1")},
                       {model::DeviceName("uart"), model::DeviceKind::pci, "0000:0a:1f.7"}};
    expect_golden("pci-tcg", domain_xml(machine, {}, tcg, {}));
}

TEST(DomainXml, of_a_machine_with_usb_devices_is_as_agreed) {
    auto machine = small_machine("press");
    machine.devices = {{model::DeviceName("scale"), model::DeviceKind::usb},
                       {model::DeviceName("rs485-1")},
                       {model::DeviceName("scanner"), model::DeviceKind::usb}};
    expect_golden("usb-tcg", domain_xml(machine, {}, tcg, {}));
}

TEST(DomainXml, of_a_machine_with_mediated_can_buses_is_as_agreed) {
    auto machine = small_machine("press");
    machine.devices = {{model::DeviceName("can-robot"), model::DeviceKind::can},
                       {model::DeviceName("card"), model::DeviceKind::pci, "0000:00:02.0"},
                       {model::DeviceName("can-press"), model::DeviceKind::can}};
    expect_golden("can-tcg", domain_xml(machine, {}, tcg, {}));
}

TEST(DomainXml, says_what_is_measured) {
    auto machine = small_machine("press");
    machine.tpm = true;
    const auto facts = facts_of(domain_xml(machine, {}, tcg, {}));
    EXPECT_EQ(facts.partition.str(), "press");
    EXPECT_EQ(facts.uid, machine.uid);
    EXPECT_EQ(facts.image_digest, "ba5e");
    EXPECT_EQ(facts.kernel, machine.image.kernel);
    EXPECT_EQ(facts.initrd, machine.image.initrd);
    EXPECT_EQ(facts.command_line, machine.image.command_line);
    EXPECT_EQ(facts.firmware, HostSupport{}.firmware);
    EXPECT_TRUE(facts.tpm);
}

TEST(DomainXml, of_something_else_says_nothing) {
    EXPECT_EQ(facts_of("").partition.str(), "");
    EXPECT_EQ(facts_of("<network><name>x</name></network>").kernel, "");
}

TEST(NormalisedCommand, holds_nothing_that_differs_from_start_to_start) {
    const std::string uid = "3f2b1c00-5a5e-4d7e-9a10-0123456789ab";
    const auto of = [&](const std::string& number) {
        return normalised_command("LC_ALL=C PATH=/bin HOME=/var/lib/libvirt/qemu/domain-" + number +
                                      "-press /usr/bin/qemu-system-x86_64 -uuid " + uid +
                                      " -object file=/var/lib/libvirt/qemu/domain-" + number + "-press/key",
                                  uid);
    };
    EXPECT_EQ(of("-1"),
              "/usr/bin/qemu-system-x86_64 -uuid UUID -object "
              "file=/var/lib/libvirt/qemu/domain-ID-press/key");
    EXPECT_EQ(of("7"), of("-1"));
}

TEST(NormalisedCommand, holds_no_number_of_an_open_file) {
    const auto of = [](const std::string& number) {
        return normalised_command(R"(/qemu -netdev '{"type":"tap","fd":")" + number + R"(","vhostfd":")" +
                                      number + R"(","id":"hostnet0"}')",
                                  "");
    };
    EXPECT_EQ(of("25"), R"(/qemu -netdev '{"type":"tap","fd":"FD","vhostfd":"FD","id":"hostnet0"}')");
    EXPECT_EQ(of("7"), of("25"));
    for (const std::string command : {R"(/qemu "fd":"x")", R"(/qemu "fd":"7)", R"(/qemu "fd":"")"})
        EXPECT_EQ(normalised_command(command, ""), command);
}

TEST(NormalisedCommand, keeps_what_only_looks_like_a_folder_of_the_domain) {
    for (const std::string command : {"/qemu -x /domain-/a", "/qemu -x /domain--/a", "/qemu -x /domain-one-a",
                                      "/qemu -x /domain-12", "/qemu -x /domain-12/a", "/qemu -x /domain-"})
        EXPECT_EQ(normalised_command(command, ""), command);
}

TEST(DomainXml, carries_text_of_the_spec_as_text_only) {
    auto machine = small_machine("press");
    machine.image.command_line = "quiet</cmdline><devices><hostdev/></devices>&\"'";
    const auto xml = domain_xml(machine, {}, tcg, {});
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(xml.c_str()));
    EXPECT_EQ(document.child("domain").child("os").child_value("cmdline"),
              machine.image.command_line + " bulkhead.partition=press");
    EXPECT_FALSE(document.child("domain").child("devices").child("hostdev"));
}

TEST(DomainXml, gives_the_same_places_to_devices_whatever_else_there_is) {
    auto machine = full_machine();
    const auto before = domain_xml(machine, {}, tcg, {});
    machine.volumes.pop_back();
    machine.devices.clear();
    const auto after = domain_xml(machine, {}, tcg, {});
    const auto interface_of = [](const std::string& xml) {
        const auto start = xml.find("<interface");
        return xml.substr(start, xml.find("</interface>") - start);
    };
    EXPECT_EQ(interface_of(before), interface_of(after));
}

TEST(VolumeSerial, is_the_name_or_a_digest_that_fits_virtio_blk) {
    EXPECT_EQ(volume_serial(model::VolumeName("data")), "data");
    EXPECT_EQ(volume_serial(model::VolumeName("exactly-twenty-bytes")), "exactly-twenty-bytes");
    const auto one = volume_serial(model::VolumeName("a-name-of-more-than-20-bytes"));
    const auto other = volume_serial(model::VolumeName("a-name-of-more-than-21-bytes"));
    EXPECT_EQ(one.size(), 20U);
    EXPECT_NE(one, other);
}

TEST(Mark, is_read_back_and_foreign_metadata_is_nobodys) {
    const auto mark = parse_mark(
        "<bulkhead:partition xmlns:bulkhead='urn:bulkhead:v1' owner='o' tenant='t' fingerprint='f' "
        "image='i'/>");
    EXPECT_EQ(mark.owner, "o");
    EXPECT_EQ(mark.tenant, "t");
    EXPECT_EQ(mark.fingerprint, "f");
    EXPECT_EQ(mark.image, "i");
    EXPECT_EQ(parse_mark("").owner, "");
    EXPECT_EQ(parse_mark("<unclosed owner='o'").owner, "");
}

TEST(ConsolePath, is_that_of_the_first_serial_port) {
    EXPECT_EQ(
        console_path("<domain><devices><serial type='unix'><source path='/no'/><target port='1'/></serial>"
                     "<serial type='pty'><source path='/dev/pts/7'/><target port='0'/></serial>"
                     "</devices></domain>"),
        "/dev/pts/7");
    EXPECT_EQ(console_path("<domain/>"), "");
    EXPECT_EQ(console_path("not xml"), "");
}

}  // namespace
}  // namespace bulkhead::hypervisor
