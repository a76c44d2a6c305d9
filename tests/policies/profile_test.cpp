#include "policies/profile.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace bulkhead::policies {
namespace {

TEST(Profile, reads_calls_conditions_and_errors) {
    const auto profile = parse_profile(
        "# for people\n"
        "read # input\n"
        "\n"
        "clone arg0&0x7E020000=0 # threads\n"
        "socket   arg0=2   # AF_INET\n"
        "clone3 errno=ENOSYS # falls back\n");
    ASSERT_TRUE(profile) << profile.error().text();
    ASSERT_EQ(profile->entries.size(), 4U);
    EXPECT_EQ(profile->entries[0], (ProfileEntry{"read", {}, 0, "input"}));
    EXPECT_EQ(profile->entries[1].only_if, (ArgumentIs{0, 0x7E020000, 0}));
    EXPECT_EQ(profile->entries[2].only_if, (ArgumentIs{0, ~std::uint64_t{0}, 2}));
    EXPECT_EQ(profile->entries[3].error, ENOSYS);
}

TEST(Profile, refuses_an_entry_without_a_reason_and_names_its_line) {
    const auto profile = parse_profile("read # input\nwrite\n", "x.profile");
    ASSERT_FALSE(profile);
    EXPECT_EQ(profile.error().where, "x.profile:2");
}

TEST(Profile, refuses_what_it_does_not_understand) {
    for (const auto* line :
         {"Read # x", "read write # x", "read arg6=1 # x", "read arg0=z # x", "read arg0&1 # x",
          "read arg0=1 arg1=1 # x", "read errno=EWHAT # x", "# only a reason\nread arg0 # x"})
        EXPECT_FALSE(parse_profile(line)) << line;
}

}  // namespace
}  // namespace bulkhead::policies
