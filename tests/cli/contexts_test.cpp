#include "cli/contexts.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hpp"

namespace bulkhead::cli {
namespace {

struct ContextsTest : testing::Test {
    ContextsTest() {
        std::string name = (std::filesystem::temp_directory_path() / "bulkhead-contexts-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder = name;
    }
    ~ContextsTest() override { std::filesystem::remove_all(folder); }
    static Endpoint console(const std::string& name) {
        return {.console = "192.0.2.7:7443",
                .pin = std::string(64, 'a'),
                .session = "s: \"#'\\",
                .user = "anna",
                .context = name};
    }
    std::filesystem::path folder;
    std::filesystem::path path() const { return folder / "bulkhead/contexts.yaml"; }
};

TEST_F(ContextsTest, are_read_as_they_were_written_and_are_nobody_elses) {
    Contexts written;
    written.put(console("plant"));
    written.put({.socket = "/run/bulkhead/control.sock", .context = "here"});
    written.current = "plant";
    ASSERT_TRUE(write_contexts(path(), written));
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    const auto read = read_contexts(path());
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->current, "plant");
    ASSERT_EQ(read->all.size(), 2U);
    const auto* plant = read->find("plant");
    ASSERT_NE(plant, nullptr);
    EXPECT_TRUE(plant->is_console());
    EXPECT_EQ(plant->session, console("plant").session);
    EXPECT_EQ(plant->text(), "context plant: console 192.0.2.7:7443 as anna");
    EXPECT_EQ(read->find("here")->socket, "/run/bulkhead/control.sock");
    EXPECT_FALSE(read->find("here")->is_console());
}

TEST_F(ContextsTest, a_file_that_is_not_there_has_none) {
    const auto read = read_contexts(path());
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->all.empty());
    EXPECT_EQ(read->current, "");
}

TEST_F(ContextsTest, a_broken_file_is_told_with_its_place) {
    std::filesystem::create_directories(path().parent_path());
    ASSERT_TRUE(write_file_atomically(path(), "current: [\n"));
    const auto read = read_contexts(path());
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().text().find("contexts.yaml"), std::string::npos);
}

TEST_F(ContextsTest, an_unknown_one_is_told_with_the_nearest) {
    Contexts contexts;
    contexts.put(console("plant"));
    EXPECT_EQ(no_such_context(contexts, "plan").error().mend, "did you mean plant?");
    EXPECT_TRUE(contexts.remove("plant"));
    EXPECT_FALSE(contexts.remove("plant"));
}

}  // namespace
}  // namespace bulkhead::cli
