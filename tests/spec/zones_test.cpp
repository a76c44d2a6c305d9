#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

TEST(Zones, refuses_overlapping_subnets_with_both_places) {
    EXPECT_EQ(
        told("10.20.9.0/24", "10.20.0.0/16"),
        "f.yaml:12:44: 10.20.0.0/16 overlaps 10.20.1.0/24 of zone 'acme-cell'; wanted subnets that do not "
        "overlap; change it here or at f.yaml:11:45");
}

TEST(Zones, refuses_a_subnet_that_no_zone_can_have) {
    EXPECT_EQ(told("10.20.9.0/24", "10.20.9.1/24"),
              "f.yaml:12:44: '10.20.9.1/24' is not an IPv4 prefix; wanted a network and its length, such as "
              "10.20.1.0/24; write 10.20.9.0/24");
    for (const char* subnet :
         {"10.20.9.0/31", "0.0.0.0/7", "127.0.0.0/8", "224.0.0.0/24", "169.254.0.0/16", "255.255.255.0/24"})
        EXPECT_NE(told("10.20.9.0/24", subnet).find("can't be the subnet of a zone"), std::string::npos)
            << subnet;
}

TEST(Zones, refuses_an_unknown_owner) {
    EXPECT_EQ(told("tenant: it, subnet", "tenant: ot, subnet"),
              "f.yaml:12:32: there is no tenant 'ot'; wanted one of acme, it; write it");
}

TEST(Interfaces, refuses_a_zone_of_another_tenant) {
    EXPECT_EQ(told("{zone: management, address: 10.20.9.2}", "{zone: acme-cell, address: 10.20.1.2}"),
              "f.yaml:31:25: zone 'acme-cell' belongs to tenant 'acme', partition 'it-admin' to 'it'; wanted "
              "a zone "
              "of the partition's own tenant; reach other tenants through a conduit");
}

TEST(Interfaces, refuses_an_address_outside_its_zone) {
    EXPECT_EQ(told("address: 10.20.9.2", "address: 10.20.8.2"),
              "f.yaml:31:46: 10.20.8.2 is outside zone 'management'; wanted a host address in 10.20.9.0/24");
    EXPECT_EQ(
        told("address: 10.20.9.2", "address: 10.20.9.255"),
        "f.yaml:31:46: 10.20.9.255 is the network or broadcast address of zone 'management'; wanted a host "
        "address in 10.20.9.0/24");
    EXPECT_EQ(told("address: 10.20.9.2", "address: 10.20.9.02"),
              "f.yaml:31:46: '10.20.9.02' is not an IPv4 address; wanted four numbers from 0 to 255, such as "
              "10.20.1.10");
    EXPECT_EQ(told(", address: 10.20.9.2", ""),
              "f.yaml:31:18: address is missing; wanted an IPv4 address inside the zone's subnet");
}

TEST(Interfaces, refuses_an_address_that_is_taken) {
    EXPECT_EQ(
        told("address: 10.20.1.10}", "address: 10.20.1.10}, {zone: acme-cell, address: 10.20.1.10}"),
        "f.yaml:24:85: 10.20.1.10 is the address of another interface; change it here or at f.yaml:24:45");
}

}  // namespace
}  // namespace bulkhead::spec
