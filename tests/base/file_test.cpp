#include "base/file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace bulkhead {
namespace {

class File : public testing::Test {
  protected:
    File() {
        std::string pattern = testing::TempDir() + "bulkhead-file-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    ~File() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(File, is_replaced_whole_and_read_back) {
    ASSERT_TRUE(write_file_atomically(folder_ / "a", "one", 0600));
    ASSERT_TRUE(write_file_atomically(folder_ / "a", "two", 0600));
    EXPECT_EQ(*read_file(folder_ / "a", 10), "two");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "a.new"));
}

TEST_F(File, larger_than_the_limit_is_refused) {
    ASSERT_TRUE(write_file_atomically(folder_ / "a", "12345"));
    const auto content = read_file(folder_ / "a", 4);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, Code::invalid);
}

TEST_F(File, that_is_no_regular_file_is_refused) {
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    EXPECT_FALSE(read_file(folder_ / "fifo", 10));
    EXPECT_FALSE(read_file("/dev/zero", 10));
    EXPECT_FALSE(read_file(folder_, 10));
}

}  // namespace
}  // namespace bulkhead
