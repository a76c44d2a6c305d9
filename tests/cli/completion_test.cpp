#include "cli/completion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/commands.hpp"

namespace bulkhead::cli {
namespace {

std::vector<std::string> words_after(const std::vector<std::string>& words) {
    const auto live = [](Values kind) -> std::vector<Candidate> {
        if (kind == Values::partition) return {{"robot-cell", ""}, {"press", ""}};
        if (kind == Values::device) return {{"rs485-1", ""}};
        return {};
    };
    std::vector<std::string> found;
    for (const auto& candidate : complete(all_commands(), words, live).candidates)
        found.push_back(candidate.word);
    return found;
}

using Words = std::vector<std::string>;

TEST(Completion, offers_commands_but_not_the_hidden_ones) {
    EXPECT_EQ(words_after({"st"}), (Words{"status", "start", "stop"}));
    EXPECT_EQ(words_after({"__"}), Words{});
}

TEST(Completion, offers_live_names_where_they_belong) {
    EXPECT_EQ(words_after({"restart", ""}), (Words{"robot-cell", "press"}));
    EXPECT_EQ(words_after({"apply", "-f", "x", "--allow-restart", "p"}), Words{"press"});
    EXPECT_EQ(words_after({"describe", "device", ""}), Words{"rs485-1"});
    EXPECT_EQ(words_after({"test", "device", ""}), Words{"rs485-1"});
    EXPECT_EQ(words_after({"get", "events", "r"}), Words{"robot-cell"});
}

TEST(Completion, offers_formats_kinds_and_options) {
    EXPECT_EQ(words_after({"get", "partitions", "-o", ""}), (Words{"table", "wide", "json", "yaml"}));
    EXPECT_EQ(words_after({"describe", "z"}), Words{"zone"});
    EXPECT_EQ(words_after({"test", ""}), Words{"device"});
    EXPECT_EQ(words_after({"apply", "--allow"}), (Words{"--allow-restart", "--allow-detach"}));
}

TEST(Completion, leaves_files_to_the_shell) {
    EXPECT_TRUE(
        complete(all_commands(), {"plan", "-f", ""}, [](Values) { return std::vector<Candidate>(); }).files);
}

}  // namespace
}  // namespace bulkhead::cli
