#include "spec/validate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/file.hpp"
#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

TEST(ReadSpec, makes_every_value_of_a_valid_document) {
    const auto spec = read_spec(valid_document, "f.yaml");
    ASSERT_TRUE(spec) << spec.error().front().text();
    EXPECT_EQ(spec->gateway.str(), "press-line-3");
    EXPECT_EQ(spec->site, "hall-2");
    EXPECT_EQ(spec->labels.at("line"), "3");
    EXPECT_EQ(spec->time_zone, "Europe/Vienna");
    EXPECT_EQ(spec->tenants[0], (model::Tenant{model::TenantName("acme"), {2, 512_MiB, 1024_MiB, 2}}));
    EXPECT_EQ(spec->devices[1].at, "/dev/serial/by-path/two");
    EXPECT_EQ(to_string(spec->zones[0].subnet), "10.20.1.0/24");
    ASSERT_EQ(spec->partitions.size(), 2U);
    const auto& robot = spec->partitions[0];
    EXPECT_EQ(robot.cpus, 2U);
    EXPECT_EQ(robot.pin, (std::vector<unsigned>{2, 4, 5}));
    EXPECT_EQ(robot.memory, 192_MiB);
    EXPECT_EQ(robot.io_weight, 200U);
    EXPECT_EQ(robot.volumes[1], (model::Volume{model::VolumeName("log"), 8_MiB, "/var/log"}));
    EXPECT_EQ(robot.application->path, "modbus-collector");
    EXPECT_EQ(robot.application->config.at("unit"), "1");
    EXPECT_EQ(robot.devices[0].line, (model::SerialLine{9600, 8, 'N', 1}));
    EXPECT_EQ(robot.devices[1].protocol, model::DeviceProtocol::slcan);
    EXPECT_EQ(robot.devices[1].bitrate, 500'000U);
    EXPECT_EQ(to_string(robot.interfaces[0].address), "10.20.1.10");
    EXPECT_EQ(robot.lock, (model::Lock{"Eva", "acceptance test"}));
    const auto& admin = spec->partitions[1];
    EXPECT_EQ(admin.io_weight, 500U);
    EXPECT_FALSE(admin.lock);
    EXPECT_FALSE(admin.application);
    EXPECT_EQ(spec->conduits[0].allow.size(), 2U);
    EXPECT_EQ(spec->conduits[0].because, "IT collects the readings");
}

TEST(ReadSpec, accepts_the_example_that_everyone_starts_with) {
    const auto text = read_file(EXAMPLES "/factory.yaml", 1 << 20);
    ASSERT_TRUE(text);
    const auto spec = read_spec(*text, "factory.yaml");
    ASSERT_TRUE(spec) << spec.error().front().text();
    EXPECT_EQ(spec->partitions.size(), 3U);
}

TEST(ReadSpec, uses_utc_where_no_time_zone_is_given) {
    EXPECT_EQ(read_spec(edited({{", timeZone: Europe/Vienna", ""}}), "f")->time_zone, "UTC");
}

TEST(ReadSpec, tells_all_errors_in_the_order_of_the_document) {
    EXPECT_EQ(
        told({{"memory: 192MiB", "memory: 192MB"},
              {"to: it-admin", "to: it-amdin"},
              {"kind: serial", "kind: seriel"},
              {"tenant: it\n    image", "tennant: it\n    image"}}),
        "f.yaml:8:27: kind can't be 'seriel'; wanted one of serial, pci, usb, can; write serial\n"
        "f.yaml:19:13: '192MB' has an unknown unit 'MB'; wanted a whole number with a unit KiB, MiB, GiB or "
        "TiB, such as 512MiB; write 192MiB\n"
        "f.yaml:27:5: unknown key 'tennant'; wanted one of name, tenant, image, cpus, pin, memory, ioWeight, "
        "volumes, application, devices, interfaces, lock; write tenant\n"
        "f.yaml:34:44: there is no partition, host or outside 'it-amdin'; wanted one of robot-cell, "
        "it-admin; write "
        "it-admin");
}

TEST(ReadSpec, counts_the_errors_that_are_too_many_to_tell) {
    std::string keys;
    for (int i = 0; i < 250; ++i) keys += "key-" + std::to_string(i) + ": 1\n";
    const auto spec = read_spec(std::string(valid_document) + keys, "f.yaml");
    ASSERT_FALSE(spec);
    EXPECT_EQ(spec.error().size(), yaml::most_errors + 1);
    EXPECT_EQ(spec.error().back().text(), "f.yaml: and 150 more errors");
}

// The dearest documents that fit into 1 MiB: many references that name nothing, many unknown keys, many
// flows. If anything here were much worse than linear, the suite's time limit would tell.
TEST(ReadSpec, refuses_the_dearest_documents) {
    const std::string top = "apiVersion: bulkhead/v1alpha1\nkind: Gateway\nmetadata: {name: g}\n";
    std::string names = top + "partitions:\n";
    for (int i = 0; i < 64; ++i) names += "- {name: " + std::string(38, 'a') + std::to_string(i + 10) + "}\n";
    std::string references = names + "conduits:\n";
    for (int i = 0; i < 8000; ++i)
        references += "- {from: " + std::string(40, 'b') + ", to: " + std::string(40, 'c') + "}\n";
    std::string keys = top + "partitions:\n- {name: a,";
    for (int i = 0; i < 45'000; ++i) keys += " memorx" + std::to_string(i) + ": 1,";
    std::string flows = top + "conduits:\n";
    for (int i = 0; i < 1300; ++i) {
        flows += "- {allow: [";
        for (int j = 0; j < 64; ++j) flows += "tcp/" + std::to_string(j + 1) + ",";
        flows += "]}\n";
    }
    for (const auto& text : {references, keys + "}", flows}) {
        EXPECT_LT(text.size(), yaml::longest_document);
        const auto spec = read_spec(text, "f.yaml");
        ASSERT_FALSE(spec);
        EXPECT_EQ(spec.error().size(), yaml::most_errors + 1) << spec.error().front().text();
    }
}

TEST(ReadSpec, says_which_versions_are_known) {
    EXPECT_EQ(told("bulkhead/v1alpha1", "bulkhead/v1alpha2"),
              "f.yaml:1:13: unknown apiVersion 'bulkhead/v1alpha2'; wanted bulkhead/v1alpha1; write "
              "bulkhead/v1alpha1");
    EXPECT_EQ(told("apiVersion: bulkhead/v1alpha1\n", ""),
              "f.yaml:1:1: apiVersion is missing; wanted bulkhead/v1alpha1");
    EXPECT_EQ(told("kind: Gateway", "kind: Gatewy"), "f.yaml:2:7: unknown kind 'Gatewy'; wanted Gateway");
    const auto list = read_spec("[1]", "f.yaml");
    EXPECT_EQ(list.error().front().text(),
              "f.yaml:1:1: the document can't be a list; wanted a map that starts with apiVersion");
}

TEST(ReadSpec, hands_a_document_to_the_converter_of_its_version) {
    static constexpr std::array<Version, 2> versions{
        {{"bulkhead/v2",
          [](const yaml::Node&, Findings&) {
              model::Spec spec;
              spec.site = "of v2";
              return spec;
          }},
         {"bulkhead/v1", [](const yaml::Node& document, Findings& findings) {
              if (document.find("hall") == nullptr) findings.add_at(document.at, "hall is missing");
              model::Spec spec;
              spec.site = document.find("hall") == nullptr ? "" : document.find("hall")->text;
              return spec;
          }}}};
    EXPECT_EQ(read_spec("{apiVersion: bulkhead/v2}", "f", versions)->site, "of v2");
    EXPECT_EQ(read_spec("{apiVersion: bulkhead/v1, hall: two}", "f", versions)->site, "two");
    EXPECT_EQ(read_spec("{apiVersion: bulkhead/v1}", "f", versions).error().front().text(),
              "f:1:1: hall is missing");
    EXPECT_EQ(read_spec("{apiVersion: bulkhead/v3}", "f", versions).error().front().wanted,
              "one of bulkhead/v2, bulkhead/v1");
}

}  // namespace
}  // namespace bulkhead::spec
