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

// The document with its conduit for Modbus alone, under this guard.
std::vector<Edit> guarded(const std::string& guard) {
    return {{"allow: [tcp/8883, icmp]", "allow: [tcp/502], guard: " + guard}};
}

TEST(GuardedConduits, say_which_requests_may_pass) {
    const auto spec = read_spec(
        edited(guarded("{allow: [unit 1 read holding-registers 0-99, unit 2 functions 8], rate: 50/s}")),
        "f.yaml");
    ASSERT_TRUE(spec);
    ASSERT_TRUE(spec->conduits[0].guard);
    EXPECT_EQ(to_string(*spec->conduits[0].guard),
              "unit 1 read holding-registers 0-99; unit 2 functions 8; rate 50/s");
    EXPECT_FALSE(read_spec(edited({}), "f.yaml")->conduits[0].guard);
}

TEST(GuardedConduits, refuse_what_is_no_rule) {
    EXPECT_NE(told(guarded("{allow: [unit 1 read registers 0-99]}"))
                  .find("f.yaml:34:88: 'registers' is no table of Modbus"),
              std::string::npos)
        << told(guarded("{allow: [unit 1 read registers 0-99]}"));
    EXPECT_NE(told(guarded("{allow: [unit 1 read coils 0], rate: 5}"))
                  .find("f.yaml:34:116: '5' is no rate of requests"),
              std::string::npos)
        << told(guarded("{allow: [unit 1 read coils 0], rate: 5}"));
    EXPECT_NE(told(guarded("{}")).find("allow is missing; wanted at least one thing that is allowed"),
              std::string::npos);
}

TEST(GuardedConduits, refuse_what_a_guard_would_not_see) {
    EXPECT_EQ(told("icmp]", "icmp], guard: {allow: [unit 1 read coils 0]}"),
              "f.yaml:34:86: a guard understands Modbus over TCP, and this conduit allows icmp too; wanted "
              "TCP alone, "
              "such as allow: [tcp/502]; give that a conduit of its own");
    const std::string host = ", address: 10.20.1.4";
    const std::string hosts =
        "subnet: 10.20.1.0/24, wire: {interface: enp3s0, hosts: [{name: panel, mac: "
        "\"02:00:00:00:00:01\"" +
        host + "0}, {name: plc, mac: \"02:00:00:00:00:02\"" + host + "1}]}}";
    auto edits = guarded("{allow: [unit 1 read coils 0]}");
    edits.insert(edits.begin(), {{"subnet: 10.20.1.0/24}", hosts}, {"to: it-admin", "to: plc"}});
    EXPECT_EQ(told(edits), "accepted");
    edits.push_back({"from: robot-cell", "from: panel"});
    EXPECT_NE(told(edits).find(
                  "both ends are behind network card 'enp3s0' in one network: they reach each other past "
                  "the gateway, and past a guard; wanted ends on different cards or VLANs"),
              std::string::npos)
        << told(edits);
}

TEST(GuardedConduits, refuse_what_is_beyond_the_gateway) {
    auto edits = guarded("{allow: [unit 1 read coils 0]}");
    edits.push_back({"conduits:\n", "outsides:\n  - {name: world, prefixes: [0.0.0.0/0]}\nconduits:\n"});
    edits.push_back({"to: it-admin", "to: world"});
    EXPECT_NE(
        told(edits).find("a guard speaks in the name of both ends, and 'world' is many, beyond the gateway; "
                         "wanted ends that are partitions or hosts"),
        std::string::npos)
        << told(edits);
}

}  // namespace
}  // namespace bulkhead::spec
