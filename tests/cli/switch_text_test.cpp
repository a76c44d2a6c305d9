#include "cli/switch_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/switch_answers.hpp"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SwitchText, one_frame_is_explained_in_full) {
    EXPECT_EQ(explanation_text(canned_explanation(), false, 0),
              "tcp 10.20.1.10:40000 > 10.20.9.2:8883 syn\n"
              "  from        robot-cell on bhrobot-cell-0, zone acme-cell\n"
              "  to          it-admin on bhit-admin-0\n"
              "  verdict     passes\n"
              "  rule        17, robot-cell > it-admin tcp/8883, of conduit readings\n"
              "  spec        factory.yaml:41:5\n"
              "  counter     conduit/readings/packets = 1204\n"
              "  program     passes, as the data\n");
}

TEST(SwitchText, a_flow_through_a_guard_says_so) {
    auto explanation = canned_explanation();
    explanation.mutable_items(0)->set_via("acme");
    EXPECT_THAT(explanation_text(explanation, false, 0),
                HasSubstr("guard       by way of the guard of acme\n"));
    auto proof = canned_counterexample();
    proof.mutable_counterexample(0)->set_via("acme");
    EXPECT_THAT(proof_text(proof, "a > b", false), HasSubstr("    by way of the guard of acme\n"));
}

TEST(SwitchText, what_the_kernel_did_not_run_is_said) {
    auto explanation = canned_explanation();
    explanation.mutable_items(0)->clear_program();
    explanation.mutable_items(0)->set_not_run("the kernel does not run such");
    EXPECT_THAT(explanation_text(explanation, false, 0),
                HasSubstr("program     not asked: the kernel does not run such\n"));
}

TEST(SwitchText, several_frames_are_a_table) {
    auto explanation = canned_explanation();
    auto& other = *explanation.add_items();
    other.set_frame("arp 10.20.1.10 > 10.20.1.1");
    other.set_verdict("dropped");
    other.set_reason("unknown_neighbour");
    other.set_disagreement("they differ");
    const auto text = explanation_text(explanation, false, 0);
    EXPECT_THAT(text, HasSubstr("dropped: unknown_neighbour"));
    EXPECT_THAT(text, HasSubstr("! they differ"));
}

TEST(SwitchText, a_proof_says_the_size_of_its_case_split) {
    EXPECT_EQ(proof_text(canned_proof(), "anybody > anybody", false),
              "anybody > anybody: no packet can but as the conduits say\n"
              "  4 pairs of ends joined, 2 apart\n"
              "  1204 cases, over 3 ports and 2 rules of 2 conduits as the kernel holds them; 3 ms\n");
}

TEST(SwitchText, a_counterexample_is_a_packet) {
    EXPECT_EQ(proof_text(canned_counterexample(), "robot-cell > it-admin", false),
              "robot-cell > it-admin: a packet can\n"
              "  robot-cell > it-admin  opens\n"
              "    tcp 10.20.1.10:49152 > 10.20.9.2:8883 syn\n"
              "    comes in on bhrobot-cell-0\n"
              "    by conduit readings, rule 17, factory.yaml:41:5\n"
              "    02ff\n"
              "  1204 cases, over 3 ports and 2 rules of 2 conduits as the kernel holds them; 3 ms\n");
}

TEST(SwitchText, doubts_are_no_proof) {
    auto proof = canned_proof();
    proof.set_proved(false);
    auto& doubt = *proof.add_doubts();
    doubt.set_subject("map policy");
    doubt.set_what("1 entries are there that nobody meant\x1b[31m");
    const auto text = proof_text(proof, "a > b", false);
    EXPECT_THAT(text, HasSubstr("a > b: not proved\n"));
    EXPECT_THAT(text, HasSubstr("! map policy: 1 entries are there that nobody meant"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(SwitchText, tables_of_traffic) {
    EXPECT_EQ(denial_table(canned_denials(), false).text(false),
              "FROM         TO      ADDRESS      SERVICE   REASON       COUNT   LAST\n"
              "robot-cell   press   10.20.2.10   tcp/22    no_conduit   3       12 s ago\n");
    EXPECT_THAT(flow_table(canned_flows(), true).text(false), HasSubstr("3400"));
}

TEST(SwitchText, lists_of_a_fleet_say_of_which_gateway_each_line_is) {
    auto denials = canned_denials();
    *denials.add_items() = denials.items(0);
    denials.mutable_items(1)->set_gateway("press-4");
    EXPECT_THAT(denial_table(denials, false).text(false), HasSubstr("GATEWAY"));
    EXPECT_THAT(denial_table(denials, false).text(false), HasSubstr("\npress-4   robot-cell"));
    auto routers = canned_routers();
    *routers.add_items() = routers.items(0);
    routers.mutable_items(1)->set_gateway("press-4");
    EXPECT_THAT(router_table(routers, true).text(false), HasSubstr("\npress-4   acme"));
}

TEST(SwitchText, table_of_routers) {
    EXPECT_EQ(router_table(canned_routers(), false).text(false),
              "TENANT   ZONES       STATE     UPLINKS                       LEASES   PROBLEM\n"
              "acme     acme-cell   working   plant (down), mobile (used)   1        -\n");
    const auto wide = router_table(canned_routers(), true).text(false);
    EXPECT_THAT(wide, HasSubstr("mobile enp2s0.20 192.0.2.10 (used)"));
    EXPECT_THAT(wide, HasSubstr("plant tcp/8443 -> collector:443"));
}

}  // namespace
}  // namespace bulkhead::cli
