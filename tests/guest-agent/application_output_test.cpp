#include "guest-agent/application_output.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bulkhead::agent {
namespace {

std::vector<std::string> cut(std::initializer_list<std::string_view> chunks) {
    std::vector<std::string> lines;
    const auto line = [&lines](std::string text) { lines.push_back(std::move(text)); };
    LineCutter cutter;
    for (const auto chunk : chunks) cutter.feed(chunk, line);
    cutter.finish(line);
    return lines;
}

TEST(LineCutter, joins_chunks_and_keeps_the_unfinished_end) {
    EXPECT_EQ(cut({"one\ntw", "o\n\nthr", "ee"}), (std::vector<std::string>{"one", "two", "three"}));
}

TEST(LineCutter, leaves_out_what_is_beyond_1024_bytes_and_starts_afresh_with_the_next_line) {
    const std::string long_text(5000, 'x');
    const auto lines = cut({long_text, long_text, "\nnext\n"});
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0], std::string(1024, 'x'));
    EXPECT_EQ(lines[1], "next");
}

TEST(LineCutter, removes_control_characters) {
    EXPECT_EQ(cut({"\x1b[31mred\r\n"}), (std::vector<std::string>{"[31mred"}));
}

TEST(Meaning, is_in_the_first_word_of_a_line) {
    using enum Meaning::Kind;
    EXPECT_EQ(meaning_of("reading: spindle 1480 rpm").kind, reading);
    EXPECT_EQ(meaning_of("reading: spindle 1480 rpm").text, "spindle 1480 rpm");
    EXPECT_EQ(meaning_of("degraded: no answer").kind, degraded);
    EXPECT_EQ(meaning_of("ok").kind, fine);
    EXPECT_EQ(meaning_of("okay").kind, log);
    EXPECT_EQ(meaning_of(" reading: x").kind, log);
}

}  // namespace
}  // namespace bulkhead::agent
