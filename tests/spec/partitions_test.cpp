#include "model/resources.hpp"
#include "spec/cpu_list.hpp"
#include "spec/time_zone.hpp"
#include "tests/spec/edited.hpp"

#include <map>

namespace bulkhead::spec {
namespace {

TEST(Partitions, takes_an_application_of_a_bundle) {
    const std::string reference = "watch@sha256:" + std::string(64, 'a');
    const auto spec = read_spec(edited({{"path: modbus-collector", "bundle: " + reference}}), "f.yaml");
    ASSERT_TRUE(spec) << spec.error().front().text();
    const auto& application = *spec->partitions[0].application;
    EXPECT_EQ(application.path, "");
    ASSERT_TRUE(application.bundle);
    EXPECT_EQ(application.bundle->str(), reference);
    EXPECT_EQ(application.title(), reference);
    EXPECT_NE(
        told("path: modbus-collector", "path: x, bundle: " + reference).find("either a path or a bundle"),
        std::string::npos);
    for (const auto* wrong : {"watch", "watch@sha256:abc", "Watch@sha256:"})
        EXPECT_NE(told("path: modbus-collector", "bundle: '" + std::string(wrong) + "'").find("is no bundle"),
                  std::string::npos);
}

TEST(Partitions, refuses_what_is_missing) {
    EXPECT_EQ(told({{"    cpus: 1\n", ""}, {"    memory: 192MiB\n    interfaces", "    interfaces"}}),
              "f.yaml:26:5: cpus is missing; wanted a whole number from 1 to 64\n"
              "f.yaml:26:5: memory is missing; wanted a size with a unit, such as 512MiB");
}

TEST(Partitions, refuses_numbers_out_of_range) {
    EXPECT_EQ(told("cpus: 1\n", "cpus: 65\n"),
              "f.yaml:29:11: cpus can't be 65; wanted a whole number from 1 to 64");
    EXPECT_EQ(told("ioWeight: 200", "ioWeight: 99"),
              "f.yaml:20:15: ioWeight can't be 99; wanted a whole number from 100 to 1000");
    EXPECT_EQ(told("ioWeight: 200", "ioWeight: 0"),
              "f.yaml:20:15: ioWeight can't be 0; wanted a whole number from 100 to 1000");
    EXPECT_EQ(told("memory: 192MiB", "memory: 63MiB"),
              "f.yaml:19:13: '63MiB' is too small; wanted 64MiB or more");
    EXPECT_EQ(told("memory: 192MiB", "memory: 100001KiB"),
              "f.yaml:19:13: '100001KiB' is not a whole number of MiB; wanted a multiple of 1MiB");
}

TEST(Partitions, refuses_an_unknown_tenant) {
    EXPECT_EQ(told("tenant: acme\n", "tenant: acmee\n").substr(0, 74),
              "f.yaml:15:13: there is no tenant 'acmee'; wanted one of acme, it; write ac");
}

TEST(Partitions, refuses_settings_that_can_be_no_environment) {
    EXPECT_EQ(
        told("unit: 1", "unit-id: 1"),
        "f.yaml:22:61: 'unit-id' can't be the name of a setting; wanted a letter, then letters, digits and "
        "'_', at most 63");
    EXPECT_EQ(told("unit: 1", "unit: 1, Unit: 2"),
              "f.yaml:22:58: 'unit' and 'Unit' are both BULKHEAD_UNIT; rename it here or at f.yaml:22:67");
    EXPECT_EQ(told("unit: 1", "unit: " + std::string(1025, '1')),
              "f.yaml:22:58: unit is too long: 1025 bytes; wanted at most 1024");
    EXPECT_EQ(told("unit: 1", "unit: \"a\\nb\""),
              "f.yaml:22:58: 'ab' holds control characters; wanted one line of text");
}

TEST(Partitions, refuses_an_application_that_could_leave_its_folder) {
    EXPECT_NE(told("path: modbus-collector", "path: ../../bin/sh").find("is not a name"), std::string::npos);
    EXPECT_NE(told("path: modbus-collector, ", "").find("path is missing"), std::string::npos);
}

TEST(Partitions, wants_a_lock_to_say_who_and_why) {
    EXPECT_EQ(told("{by: Eva, reason: acceptance test}", "{by: Eva}"),
              "f.yaml:25:11: reason is missing; wanted a text");
    EXPECT_EQ(told("by: Eva", "by: ' '"), "f.yaml:25:16: by is missing; wanted a text");
}

TEST(Partitions, refuses_a_pin_list_with_fewer_cpus_than_it_needs) {
    EXPECT_EQ(told("pin: 2,4-5", "pin: 3"),
              "f.yaml:18:10: '3' names 1 host CPUs for 2 virtual ones; wanted at least as many as cpus");
}

TEST(CpuList, reads_numbers_and_ranges) {
    EXPECT_EQ(*parse_cpu_list("7,0-2"), (std::vector<unsigned>{0, 1, 2, 7}));
    for (const char* text :
         {"", ",", "1,", "2-1", "1-", "-1", "a", "1024", "0-99999999999", "1,1", "0-3,2", "1 ,2"})
        EXPECT_FALSE(parse_cpu_list(text)) << text;
}

TEST(TimeZone, refuses_what_the_database_does_not_have_and_ways_out_of_it) {
    EXPECT_TRUE(check_time_zone("UTC"));
    for (const char* name : {"Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "Europe", "zone.tab",
                             "Europe//Vienna", "tzdata.zi"})
        EXPECT_FALSE(check_time_zone(name)) << name;
    EXPECT_EQ(told("Europe/Vienna", "Europe/Viena"),
              "f.yaml:3:77: there is no time zone 'Europe/Viena'; wanted an IANA name such as Europe/Vienna");
    EXPECT_TRUE(check_time_zone("Europe/Vienna", "/nonexistent"));
}

TEST(Metadata, bounds_labels_and_site) {
    EXPECT_EQ(
        told("line: \"3\"", "\"li ne\": 3"),
        "f.yaml:3:64: 'li ne' can't be the key of a label; wanted at most 63 letters, digits, '-', '_', '.' "
        "and '/'");
    EXPECT_EQ(told("site: hall-2", "site: " + std::string(64, 'x')),
              "f.yaml:3:38: site is too long: 64 bytes; wanted at most 63");
    EXPECT_EQ(
        told("name: press-line-3, ", ""),
        "f.yaml:3:11: name is missing; wanted a DNS label: at most 63 of a-z, 0-9 and '-', a letter or digit "
        "at both ends");
}

TEST(Volumes, refuses_sizes_and_mounts_that_can_not_be) {
    EXPECT_EQ(told("size: 8MiB", "size: 7MiB"), "f.yaml:21:74: '7MiB' is too small; wanted 8MiB or more");
    for (const char* mount : {"/etc", "/database", "/", "/data/../etc", "data", "/var/"})
        EXPECT_NE(told("mount: /var/log", std::string("mount: ") + mount)
                      .find("wanted an absolute path at or below /data"),
                  std::string::npos)
            << mount;
}

TEST(Volumes, refuses_a_mount_that_covers_another) {
    EXPECT_EQ(told({{"mount: /data", "mount: /var/log/a"}}),
              "f.yaml:21:92: '/var/log' would cover volume 'data' at '/var/log/a'; wanted a mount of its "
              "own; change "
              "it here or at f.yaml:21:48");
    EXPECT_EQ(told("mount: /var/log", "mount: /data/log"), "accepted");
    EXPECT_NE(told("mount: /var/log", "mount: /data").find("would cover"), std::string::npos);
}

TEST(Volumes, refuses_a_name_that_is_there_twice) {
    EXPECT_EQ(told("name: log", "name: data"),
              "f.yaml:21:63: volume 'data' is there twice; rename it here or at f.yaml:21:22");
}

// Two names with the same 32 bits, found by trying (65,000 names have a pair with probability 0.4).
template <class Hash>
std::pair<std::string, std::string> colliding(const Hash& hash) {
    std::map<std::string, std::string> seen;
    for (int i = 0;; ++i) {
        const std::string name = "n" + std::to_string(i);
        if (const auto [first, fresh] = seen.try_emplace(hash(name), name); !fresh)
            return {first->second, name};
    }
}

TEST(HashedNames, refuses_partitions_whose_ports_would_have_one_name) {
    const auto [a, b] =
        colliding([](const auto& n) { return model::port_name(model::PartitionName(n), 0).str(); });
    const auto text = told({{"name: robot-cell", "name: " + a},
                            {"from: robot-cell", "from: " + a},
                            {"name: it-admin", "name: " + b},
                            {"to: it-admin", "to: " + b}});
    EXPECT_EQ(text.find("f.yaml:26:11: '" + b + "' and the name at f.yaml:14:11 have the same port name bh"),
              0U)
        << text;
}

TEST(HashedNames, refuses_conduits_that_would_have_one_number) {
    const auto [a, b] =
        colliding([](const auto& n) { return std::to_string(model::conduit_id(model::ConduitName(n))); });
    const auto text =
        told({{"  - {name: readings",
               "  - {name: " + a +
                   ", from: it-admin, to: robot-cell, allow: [icmp], because: x}\n  - {name: " + b}});
    EXPECT_EQ(text.find("f.yaml:35:12: '" + b + "' and the name at f.yaml:34:12 have the same number"), 0U)
        << text;
}

}  // namespace
}  // namespace bulkhead::spec
