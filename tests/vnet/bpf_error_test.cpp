// What is told of a program that the kernel refuses.
#include "vnet/bpf_error.hpp"

#include <gtest/gtest.h>

namespace bulkhead::vnet::test {
namespace {

TEST(BpfError, tells_the_verifiers_last_words) {
    const std::string begin = "libbpf: prog 'switch_ingress': -- BEGIN PROG LOAD LOG --\n";
    const std::string end = "processed 48345 insns (limit 1000000)\n-- END PROG LOAD LOG --\n";
    EXPECT_EQ(refusal_in(begin + "combined stack size of 4 calls is 544. Too large\n" + end),
              "combined stack size of 4 calls is 544. Too large");
    EXPECT_EQ(refusal_in(begin + "0: (b7) r0 = 0\nR1 invalid mem access 'scalar'\n" + end),
              "R1 invalid mem access 'scalar'");
}

TEST(BpfError, tells_nothing_that_the_verifier_did_not_say) {
    EXPECT_EQ(refusal_in(""), "");
    EXPECT_EQ(refusal_in("libbpf: map 'policy': failed to create: Operation not permitted(-1)\n"), "");
    EXPECT_EQ(refusal_in("-- BEGIN PROG LOAD LOG --\ncut short"), "");
    EXPECT_EQ(refusal_in("a line\nprocessed by somebody"), "");
}

}  // namespace
}  // namespace bulkhead::vnet::test
