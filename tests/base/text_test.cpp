#include "base/text.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "base/name.hpp"

namespace bulkhead {
namespace {

TEST(Text, finds_the_first_invalid_utf8) {
    EXPECT_FALSE(first_invalid_utf8("Grüße €"));
    EXPECT_EQ(first_invalid_utf8("ab\xC0\x80"), 2U);         // overlong
    EXPECT_EQ(first_invalid_utf8("\xED\xA0\x80"), 0U);       // surrogate
    EXPECT_EQ(first_invalid_utf8("a\xF4\x90\x80\x80"), 1U);  // beyond U+10FFFF
}

TEST(Text, removes_what_could_drive_a_terminal) {
    EXPECT_EQ(printable("\x1B[31mred\x07\xC2\x9B", 100), "[31mred");
    EXPECT_EQ(printable("äöü", 3), "ä");
}

TEST(Text, writes_json_strings) {
    EXPECT_EQ(log::json_string("a\"\\\n\x01"), R"("a\"\\\n\u0001")");
}

TEST(Name, suggests_the_nearest_known_word) {
    const std::vector<std::string> known{"memory", "cpus", "image"};
    EXPECT_EQ(nearest("memroy", known), "memory");
    EXPECT_EQ(nearest("completely-different", known), "");
}

TEST(Name, knows_dns_labels) {
    EXPECT_TRUE(is_label("robot-cell"));
    for (const char* text : {"", "-a", "a-", "A", "a_b", "a.b"}) EXPECT_FALSE(is_label(text)) << text;
}

}  // namespace
}  // namespace bulkhead
