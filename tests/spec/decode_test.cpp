#include "spec/decode.hpp"

#include <gtest/gtest.h>

#include "bulkhead/v1alpha1/gateway.pb.h"
#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

v1alpha1::Gateway decoded(std::string_view text, Findings& findings) {
    v1alpha1::Gateway gateway;
    const auto document = yaml::parse(text, "f.yaml");
    EXPECT_TRUE(document);
    if (document) decode(*document, gateway, findings);
    return gateway;
}

std::string error_of(std::string_view text) {
    Findings findings("f.yaml");
    decoded(text, findings);
    const auto errors = std::move(findings).take();
    return errors.empty() ? "accepted" : errors.front().text();
}

TEST(Decode, takes_scalars_quoted_or_not) {
    Findings findings("f.yaml");
    const auto gateway =
        decoded("partitions: [{cpus: \"2\", ioWeight: 300, application: {config: {a: 1, b: 'yes', c: no}}}]",
                findings);
    EXPECT_TRUE(findings.empty());
    EXPECT_EQ(gateway.partitions(0).cpus(), 2U);
    EXPECT_EQ(gateway.partitions(0).ioweight(), 300U);
    EXPECT_EQ(gateway.partitions(0).application().config().at("a"), "1");
    EXPECT_EQ(gateway.partitions(0).application().config().at("c"), "no");
}

TEST(Decode, takes_null_as_absent) {
    Findings findings("f.yaml");
    const auto gateway =
        decoded("{metadata: ~, tenants: null, partitions: [{lock: null, cpus: ~}]}", findings);
    EXPECT_TRUE(findings.empty());
    EXPECT_FALSE(gateway.has_metadata());
    EXPECT_FALSE(gateway.partitions(0).has_lock());
    EXPECT_FALSE(findings.has("partitions[0].lock"));
}

TEST(Decode, remembers_places) {
    Findings findings("f.yaml");
    decoded("partitions:\n  - name: a\n    volumes: [{size: 1MiB}]\n", findings);
    EXPECT_EQ(findings.place("partitions[0].name"), "f.yaml:2:11");
    EXPECT_EQ(findings.place("partitions[0].volumes[0].size"), "f.yaml:3:22");
    EXPECT_EQ(findings.place("partitions[0].volumes[0].mount"), "f.yaml:3:15");  // of what it is missing in
    EXPECT_EQ(findings.place("conduits[3].name"), "f.yaml:1:1");
}

TEST(Decode, refuses_what_does_not_fit_and_says_what_would) {
    EXPECT_EQ(error_of("tenants: {acme: 1}"), "f.yaml:1:10: tenants can't be a map; wanted a list");
    EXPECT_EQ(error_of("tenants: [acme]"),
              "f.yaml:1:11: tenants[0] can't be 'acme'; wanted a map with the keys name, quota, keys");
    EXPECT_EQ(error_of("conduits: [{allow: tcp/80}]"),
              "f.yaml:1:20: allow can't be 'tcp/80'; wanted a list; write [tcp/80]");
    EXPECT_EQ(error_of("conduits: [{allow: [[a]]}]"), "f.yaml:1:21: allow[0] can't be a list; wanted a text");
    EXPECT_EQ(error_of("conduits: [{allow: [~]}]"), "f.yaml:1:21: allow[0] can't be nothing; wanted a text");
    EXPECT_EQ(error_of("kind: {a: b}"), "f.yaml:1:7: kind can't be a map; wanted a text");
    EXPECT_EQ(error_of("metadata: {labels: [a]}"), "f.yaml:1:20: labels can't be a list; wanted a map");
    EXPECT_EQ(error_of("devices: [{kind: canbus}]"),
              "f.yaml:1:18: kind can't be 'canbus'; wanted one of serial, pci, usb, can");
    EXPECT_EQ(error_of("devices: [{kind: DEVICE_KIND_UNSPECIFIED}]"),
              "f.yaml:1:18: kind can't be 'DEVICE_KIND_UNSPECIFIED'; wanted one of serial, pci, usb, can");
}

TEST(Decode, refuses_numbers_that_could_mean_something_else) {
    for (const char* number : {"-1", "1.0", "1e3", "0x10", "010", "1_000", "4294967296", "two", "true", "''"})
        EXPECT_EQ(error_of(std::string("partitions: [{cpus: ") + number + "}]").substr(0, 23),
                  "f.yaml:1:21: cpus can't")
            << number;
}

TEST(Decode, suggests_the_nearest_key_and_lists_the_known_ones) {
    EXPECT_EQ(error_of("metadata: {namee: x}"),
              "f.yaml:1:12: unknown key 'namee'; wanted one of name, site, labels, timeZone; write name");
    EXPECT_EQ(
        error_of("something: 1"),
        "f.yaml:1:1: unknown key 'something'; wanted one of apiVersion, kind, metadata, tenants, devices, "
        "zones, partitions, conduits, outsides, uplinks, routers");
}

TEST(Decode, tells_of_hostile_keys_in_one_bounded_line) {
    const std::string text = error_of("\"" + std::string(900, 'k') + "\\e[31m\\n\": 1");
    EXPECT_LT(text.size(), 300U);
    EXPECT_EQ(text.find('\x1B'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::spec
