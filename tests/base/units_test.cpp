#include "base/units.hpp"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Units, reads_sizes_with_binary_units) {
    EXPECT_EQ(parse_bytes("512MiB")->mib(), 512U);
    EXPECT_EQ(parse_bytes("2GiB")->count, 2ULL << 30);
    EXPECT_EQ(to_string(*parse_bytes("2048MiB")), "2GiB");
}

TEST(Units, refuses_a_decimal_unit_and_names_the_right_one) {
    const auto size = parse_bytes("512MB");
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().mend, "write 512MiB");
}

TEST(Units, refuses_what_is_no_size) {
    for (const char* text :
         {"", "512", "MiB", "-1MiB", "1.5GiB", "99999999999999999999MiB", "2000000TiB", "1 MiB"})
        EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(Units, reads_durations) {
    EXPECT_EQ(parse_duration("1s")->count(), 1000);
    EXPECT_EQ(parse_duration("2min")->count(), 120'000);
    for (const char* text : {"", "1", "s", "1m", "366d", "99999999999999999d"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Units, tells_ages_to_people) {
    EXPECT_EQ(human_age(std::chrono::seconds(12)), "12 s");
    EXPECT_EQ(human_age(std::chrono::hours(50)), "2 d");
}

}  // namespace
}  // namespace bulkhead
