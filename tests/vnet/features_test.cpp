#include "vnet/features.hpp"

#include "tests/vnet/lab.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

using Features = Lab;

TEST_F(Features, finds_here_all_that_the_other_tests_use_and_leaves_nothing) {
    const auto before = Links::open()->all();
    for (const Feature& feature : features({.told = true, .why = {}})) {
        EXPECT_TRUE(feature.present) << feature.name << ": " << feature.detail;
        EXPECT_TRUE(feature.mend.empty());
    }
    EXPECT_EQ(Links::open()->all().value(), before.value());
}

}  // namespace
}  // namespace bulkhead::vnet::test
