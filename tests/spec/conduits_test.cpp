#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

TEST(Conduits, refuses_ends_that_are_not_there) {
    EXPECT_EQ(told("from: robot-cell", "from: robot-cel"),
              "f.yaml:34:28: there is no partition, host or outside 'robot-cel'; wanted one of robot-cell, "
              "it-admin; write "
              "robot-cell");
    EXPECT_EQ(told(", to: it-admin", ""), "f.yaml:34:5: to is missing; wanted one of robot-cell, it-admin");
}

TEST(Conduits, refuses_a_conduit_to_itself) {
    EXPECT_EQ(told("to: it-admin", "to: robot-cell"),
              "f.yaml:34:44: a conduit from 'robot-cell' to itself; wanted two different ends");
}

TEST(Conduits, refuses_an_end_without_an_interface) {
    EXPECT_EQ(
        told("    interfaces: [{zone: management, address: 10.20.9.2}]\n", ""),
        "f.yaml:33:44: partition 'it-admin' has no interface; wanted a partition in a zone; give it one at "
        "f.yaml:26:5");
}

TEST(Conduits, refuses_a_path_that_nobody_explains) {
    EXPECT_EQ(told(", because: \"IT collects the readings\"", ""),
              "f.yaml:34:5: because is missing; wanted why this path must exist");
    EXPECT_EQ(told("\"IT collects the readings\"", "' '"), "f.yaml:34:88: because is missing; wanted a text");
}

TEST(Conduits, refuses_what_can_not_be_allowed) {
    for (const char* service :
         {"tcp", "tcp/0", "tcp/65536", "TCP/80", "sctp/1", "icmp/8", "tcp/80-90", "'*'"})
        EXPECT_NE(told("tcp/8883", service)
                      .find("wanted tcp/PORT, udp/PORT (1 to 65535), icmp, profinet, goose or ethercat"),
                  std::string::npos)
            << service;
    EXPECT_EQ(told("allow: [tcp/8883, icmp], ", ""),
              "f.yaml:34:5: allow is missing; wanted what may pass, such as [tcp/8883]");
    EXPECT_EQ(told("[tcp/8883, icmp]", "[]"),
              "f.yaml:34:61: allow is missing; wanted what may pass, such as [tcp/8883]");
}

TEST(Conduits, refuses_a_flow_that_is_allowed_already) {
    EXPECT_EQ(
        told("[tcp/8883, icmp]", "[tcp/8883, tcp/8883]"),
        "f.yaml:34:72: tcp/8883 from 'robot-cell' to 'it-admin' is allowed already, by conduit 'readings'; "
        "wanted one conduit per flow; remove it here or at f.yaml:34:62");
    EXPECT_EQ(
        told("conduits:\n",
             "conduits:\n  - {name: more, from: robot-cell, to: it-admin, allow: [icmp], because: x}\n"),
        "f.yaml:35:72: icmp from 'robot-cell' to 'it-admin' is allowed already, by conduit 'more'; wanted "
        "one "
        "conduit per flow; remove it here or at f.yaml:34:58");
    EXPECT_EQ(
        told("conduits:\n",
             "conduits:\n  - {name: back, from: it-admin, to: robot-cell, allow: [icmp], because: x}\n"),
        "accepted");
}

TEST(Conduits, bounds_what_one_conduit_allows) {
    std::string many = "[tcp/1";
    for (int i = 2; i <= 65; ++i) many += ", tcp/" + std::to_string(i);
    EXPECT_EQ(told("[tcp/8883, icmp]", many + "]"), "f.yaml:34:61: 65 allow are too many; wanted at most 64");
}

}  // namespace
}  // namespace bulkhead::spec
